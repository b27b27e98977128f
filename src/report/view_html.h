/* view_html.h - what only the HTML report shows, added to the view.
 *
 * Charts as paths and ticks, rankings, query text with its colours, and the page's own
 * style, script and policy. All of it is display only. Private to the view. */
#ifndef QLOG_REPORT_VIEW_HTML_H
#define QLOG_REPORT_VIEW_HTML_H

#include "report/view_parts.h"

/* Before the queries: what their parts need of the whole. */
void view_html_begin(view *v);

/* The page's style, script and policy, which every page has. */
void view_html_head(view *v, value *root);

/* The page: its head, charts of the whole, rankings. */
void view_html_page(view *v, value *root);

/* In view_charts.c: load over time and distribution of query times; one query's own. */
void view_page_charts(view *v, value *root);
void view_query_charts(view *v, value *query, const model_query *q);

/* The beginning of a text, harmless, as `snippet`. */
void view_snippet(view *v, value *parent, slice text, unsigned columns);

/* In view_filters.c: before the queries; the choices of the page; the numbers of a query's own. */
void view_filters_begin(view *v);
void view_filters_add(view *v, value *root);
void view_filters_query(view *v, value *query, const model_query *q);

/* One query's part. `query` is an object of the list of queries. */
void view_html_query(view *v, value *query, const model_query *q);

#endif
