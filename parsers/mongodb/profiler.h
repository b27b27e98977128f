/* profiler.h - documents of MongoDB's collection system.profile, one on each line.
 *
 * As mongoexport writes them, in relaxed, canonical or old extended JSON. Format: MongoDB manual,
 * "Database Profiler Output". */
#ifndef QLOG_PARSERS_MONGODB_PROFILER_H
#define QLOG_PARSERS_MONGODB_PROFILER_H

#include "parsers/parser.h"

extern const parser mongodb_profiler;

#endif
