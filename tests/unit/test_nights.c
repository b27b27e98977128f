/* test_nights.c - how often a night's test is right, over histories whose truth is known.
 *
 * Each history has 250 queries of 20 to 1,500 executions a night, whose times' logarithms scatter
 * by 0.4 to 1.2 within a night, and from night to night by 0.12 in the median; one night in
 * fourteen is slower, or faster, for all. Tonight twelve queries are slower by a known factor. How
 * unlike the queries are in what they scatter by from night to night is that of the method's prior
 * (of six degrees: a deviation of 0.31 in the logarithm), or wider, where less is asked of it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "analysers/nights.h"

enum { QUERIES = 250, NIGHTS = 14, SLOWER = 12, HISTORIES = 40, NULL_HISTORIES = 100 };

static const double PI = 3.14159265358979323846;
#define AS_PRIOR 0.31
#define WIDER    0.5

typedef struct dice {
    uint64_t state;
} dice;

/* SplitMix64 (Steele, Lea and Flood 2014). */
static uint64_t roll(dice *d)
{
    uint64_t z = d->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Above 0, up to 1. */
static double uniform(dice *d)
{
    return ((double)(roll(d) >> 11) + 1) / 9007199254740992.0;
}

/* Box and Muller 1958. */
static double normal(dice *d)
{
    double r = sqrt(-2 * log(uniform(d)));
    return r * cos(2 * PI * uniform(d));
}

typedef struct history {
    night_cell cells[QUERIES * (NIGHTS + 1)];
    night_verdict verdicts[QUERIES];
    night_tides tides;
} history;

/* `tide`: tonight's, for all queries alike. */
static void make_history(history *h, uint64_t seed, double factor, double tide, double unlike)
{
    dice d = {.state = seed << 32};
    double tides[NIGHTS + 1] = {log(tide)};
    for (int k = 1; k <= NIGHTS; k++) {
        tides[k] = uniform(&d) < 1.0 / 14 ? 0.3 * normal(&d) : 0;
    }
    for (int q = 0; q < QUERIES; q++) {
        double calls = exp(log(20) + uniform(&d) * log(75));
        double within = 0.4 + 0.8 * uniform(&d);
        double between = 0.12 * exp(unlike * normal(&d));
        double typical = log(1000) + 2 * normal(&d);
        for (int k = 0; k <= NIGHTS; k++) {
            double n = floor(fmax(1, calls * exp(0.15 * normal(&d))));
            double mean = typical + tides[k] + between * normal(&d) + within / sqrt(n) * normal(&d);
            mean += k == 0 && q < SLOWER ? log(factor) : 0;
            h->cells[q * (NIGHTS + 1) + k] = (night_cell){
                .n = n, .log_mean = mean, .log_variance = within * within, .log_rate = log(n / 24)};
        }
    }
}

static void judge_kinds(history *h, uint32_t n_nights, const bool *unlike, uint32_t needed)
{
    arena a;
    arena_init(&a, 1 << 24);
    night_cell *cells = malloc(sizeof h->cells);
    assert_non_null(cells);
    for (uint32_t q = 0; q < QUERIES; q++) {
        for (uint32_t k = 0; k <= n_nights; k++) {
            cells[q * (n_nights + 1) + k] = h->cells[q * (NIGHTS + 1) + k];
        }
    }
    nights all = {.n_queries = QUERIES,
                  .n_nights = n_nights,
                  .needed = needed,
                  .unlike = unlike,
                  .cells = cells,
                  .rates = true};
    assert_true(nights_judge(&all, &a, h->verdicts, &h->tides));
    free(cells);
    arena_free(&a);
}

static void judge(history *h, uint32_t n_nights)
{
    judge_kinds(h, n_nights, NULL, NIGHTS_LEAST);
}

/* As an alarm wants a quarter more as well. */
static bool is_alarm(const history *h, int q)
{
    return h->verdicts[q].slower && h->verdicts[q].ratio >= 1.25;
}

typedef struct score {
    double power, wrong; /* of the slower ones those found; of those found the wrong ones */
} score;

static score play(double factor, double tide, double unlike)
{
    static history h;
    int found = 0;
    int wrong = 0;
    for (uint64_t seed = 1; seed <= HISTORIES; seed++) {
        make_history(&h, seed, factor, tide, unlike);
        judge(&h, NIGHTS);
        for (int q = 0; q < QUERIES; q++) {
            found += q < SLOWER && is_alarm(&h, q);
            wrong += q >= SLOWER && is_alarm(&h, q);
        }
    }
    return (score){(double)found / (HISTORIES * SLOWER),
                   found + wrong > 0 ? (double)wrong / (found + wrong) : 0};
}

static void a_night_like_the_others_gives_next_to_no_alarm(void **state)
{
    (void)state;
    static const double cases[] = {AS_PRIOR, WIDER};
    static history h;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int alarms = 0;
        for (uint64_t seed = 1; seed <= NULL_HISTORIES; seed++) {
            make_history(&h, 1000 + seed, 1, 1, cases[i]);
            judge(&h, NIGHTS);
            for (int q = 0; q < QUERIES; q++) {
                alarms += is_alarm(&h, q);
            }
        }
        print_message("%d alarms in %d nights\n", alarms, NULL_HISTORIES);
        assert_true(alarms < 0.2 * NULL_HISTORIES);
    }
}

static void a_query_at_twice_or_thrice_its_time_is_found(void **state)
{
    (void)state;
    static const struct {
        double factor, unlike, power;
    } cases[] = {{2, AS_PRIOR, 0.7}, {3, AS_PRIOR, 0.9}, {2, WIDER, 0.6}, {3, WIDER, 0.9}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        score s = play(cases[i].factor, 1, cases[i].unlike);
        print_message("x%.0f: power %.2f, wrong %.2f\n", cases[i].factor, s.power, s.wrong);
        assert_true(s.power >= cases[i].power);
        assert_true(s.wrong <= 0.1);
    }
}

/* All slower by 35 %: neither an alarm for each, nor are the true ones lost. */
static void a_slow_night_is_a_tide_and_not_an_alarm_for_each_query(void **state)
{
    (void)state;
    static history h;
    score s = play(2, 1.35, AS_PRIOR);
    print_message("x2 in a slow night: power %.2f, wrong %.2f\n", s.power, s.wrong);
    assert_true(s.power >= 0.7);
    assert_true(s.wrong <= 0.1);
    make_history(&h, 7, 1, 1.35, AS_PRIOR);
    judge(&h, NIGHTS);
    assert_true(fabs(h.tides.time / 1.35 - 1) < 0.05);
}

static void fewer_than_five_nights_are_not_tested(void **state)
{
    (void)state;
    static history h;
    make_history(&h, 7, 100, 1, AS_PRIOR);
    judge(&h, 4);
    for (int q = 0; q < QUERIES; q++) {
        assert_false(h.verdicts[q].tested);
    }
    judge(&h, 5);
    assert_true(h.verdicts[0].tested);
    assert_true(h.verdicts[0].slower);
}

/* Half of the queries take twice as long in nights 1, 2, 8 and 9, which are of another kind of day
 * than tonight, or in all others. What is usual for tonight's kind is no change, whichever it is;
 * what is usual for the other kind is. */
static void nights_are_compared_with_those_of_their_kind(void **state)
{
    (void)state;
    static history h;
    static bool weekend[NIGHTS + 1];
    static bool weekday[NIGHTS + 1];
    for (int k = 0; k <= NIGHTS; k++) {
        weekend[k] = k == 1 || k == 2 || k == 8 || k == 9;
        weekday[k] = !weekend[k];
    }
    for (int at_weekend = 0; at_weekend < 2; at_weekend++) {
        int alarms = 0;
        int found = 0;
        make_history(&h, 7, 1, 1, AS_PRIOR);
        weekday[0] = false;
        for (int q = 0; q < QUERIES; q += 2) {
            for (int k = 0; k <= NIGHTS; k++) {
                bool slow = k == 0 ? at_weekend == 1 : weekend[k];
                h.cells[q * (NIGHTS + 1) + k].log_mean += slow ? log(2) : 0;
            }
        }
        /* As slow on a weekday as the others are at weekends. */
        h.cells[0].log_mean += at_weekend == 1 ? 0 : log(3);
        judge_kinds(&h, NIGHTS, at_weekend == 1 ? weekday : weekend, NIGHTS_LEAST_ALIKE);
        for (int q = 0; q < QUERIES; q++) {
            alarms += is_alarm(&h, q) || h.verdicts[q].faster;
            found += q == 0 && is_alarm(&h, q);
        }
        assert_int_equal(h.verdicts[0].nights, at_weekend == 1 ? 4 : 10);
        assert_int_equal(found, at_weekend == 1 ? 0 : 1);
        assert_int_equal(alarms, found);
        assert_true(fabs(h.tides.time - 1) < 0.05);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_night_like_the_others_gives_next_to_no_alarm),
        cmocka_unit_test(a_query_at_twice_or_thrice_its_time_is_found),
        cmocka_unit_test(a_slow_night_is_a_tide_and_not_an_alarm_for_each_query),
        cmocka_unit_test(fewer_than_five_nights_are_not_tested),
        cmocka_unit_test(nights_are_compared_with_those_of_their_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
