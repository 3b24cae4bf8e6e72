/* From the demands that an article meets to the queries that it answers. */
#include "kernel.h"

enum {
    NEAR = 0,           /* demands.Kind.near */
    AHEAD = 16,         /* so many steps before it is used memory is asked for */
    LINE = 16,          /* numbers that come at once then */
    MOST_ASKED = 32     /* postings asked for; the processor notices itself that it goes on */
};

/* Whether all terms beside a posting hold: their states as one number are HOLDS at least, see segment.py. */
static int terms_hold(const int32_t *terms, const uint64_t *demand_bits)
{
    static const uint8_t states[8] = {0, 1, 1, 0, 1, 0, 2, 0}; /* segment.UNMET, segment.MET */
    uint32_t all = 0;

    for (int at = 0; at < TERMS; at++)
        all |= (uint32_t)states[4 * is_marked(demand_bits, terms[at] >> 2) + (terms[at] & 3)] << 8 * at;
    return all >= 0x01010101u; /* segment.HOLDS */
}

static void find_query(const struct search *search, int32_t query)
{
    struct scratch *scratch = search->scratch;

    if (mark(scratch->query_bits, query)) {
        scratch->queries[scratch->query_count++] = query;
        ask_for_topic(search->segment, query);
    }
}

/* Whether of each group of a rest one is met, and of those that exclude none. */
static int groups_hold(const struct segment *segment, const uint64_t *demand_bits, int32_t rest)
{
    int32_t group = segment->rest_group_starts[rest], last = segment->rest_group_starts[rest + 1];

    for (; group < last; group++) {
        int32_t at = segment->group_starts[group], end = segment->group_starts[group + 1];
        while (at < end && !is_marked(demand_bits, segment->group_demands[at]))
            at++;
        if ((at < end) == segment->group_excludes[group])
            return 0;
    }
    return 1;
}

/* Whether all checks of a rest hold: 1, 0, or UNKNOWN where none fails but one needs a closer look. */
static int checks_hold(struct search *search, int32_t rest)
{
    const struct segment *segment = search->segment;
    int32_t check = segment->rest_check_starts[rest], last = segment->rest_check_starts[rest + 1];
    int answer = 1;

    for (; check < last; check++) {
        int is_pair = segment->check_kinds[check] == NEAR
                      && segment->check_starts[check + 1] - segment->check_starts[check] == 2;
        int holds = is_pair ? are_near(search, check) : UNKNOWN;
        if (!holds)
            return 0;
        if (holds == UNKNOWN)
            answer = UNKNOWN;
    }
    return answer;
}

static void look_at_rest(struct search *search, int32_t rest)
{
    struct scratch *scratch = search->scratch;
    int holds;

    if (!mark(scratch->rest_bits, rest))
        return;
    scratch->rests[scratch->rest_count++] = rest;
    if (!groups_hold(search->segment, scratch->demand_bits, rest))
        return;
    holds = checks_hold(search, rest);
    if (holds == UNKNOWN)
        scratch->undecided[scratch->undecided_count++] = rest;
    else if (holds)
        find_query(search, search->segment->rest_queries[rest]);
}

static void follow_postings(struct search *search, int32_t demand)
{
    const struct segment *segment = search->segment;
    struct scratch *scratch = search->scratch;

    for (int32_t at = segment->posting_starts[demand]; at < segment->posting_starts[demand + 1]; at++) {
        int32_t target = segment->posting_targets[at];
        if (!terms_hold(&segment->posting_terms[TERMS * at], scratch->demand_bits))
            continue;
        if (target >= 0)
            find_query(search, target);
        else
            look_at_rest(search, ~target);
    }
}

static void ask_for_postings(const struct segment *segment, int32_t demand)
{
    int32_t first = segment->posting_starts[demand], end = segment->posting_starts[demand + 1];

    for (int32_t at = first; at < end && at < first + MOST_ASKED; at += LINE / TERMS)
        PREFETCH(&segment->posting_terms[TERMS * at]);
    for (int32_t at = first; at < end && at < first + MOST_ASKED; at += LINE)
        PREFETCH(&segment->posting_targets[at]);
}

/* Follow all; a million topics fit in no cache, so what is needed soon is asked for ahead. */
static void follow_all(struct search *search)
{
    const struct segment *segment = search->segment;
    const int32_t *demands = search->scratch->demands;
    int64_t count = search->scratch->demand_count;

    for (int64_t at = -AHEAD; at < count; at++) {
        if (at + AHEAD < count)
            ask_for_postings(segment, demands[at + AHEAD]);
        if (at >= 0)
            follow_postings(search, demands[at]);
    }
}

static void clear(uint64_t *bits, const int32_t *marked, int64_t count)
{
    for (int64_t at = 0; at < count; at++)
        bits[marked[at] >> 6] = 0;
}

const char *kernel_source(void)
{
    return KERNEL_SOURCE;
}

/* Make the scratch ready for the next article. */
static void forget(struct scratch *scratch)
{
    clear(scratch->demand_bits, scratch->demands, scratch->demand_count);
    clear(scratch->rest_bits, scratch->rests, scratch->rest_count);
    clear(scratch->query_bits, scratch->queries, scratch->query_count);
    scratch->demand_count = scratch->rest_count = scratch->query_count = 0;
}

/* Find the topics that an article answers, in order; return how many there are, or GROW. */
int64_t find_topics(struct search *search)
{
    struct scratch *scratch = search->scratch;
    int64_t count = GROW;

    scratch->undecided_count = scratch->place_slots = 0;
    if (mark_demands(search) && scratch->place_count <= scratch->place_room) {
        mark(scratch->demand_bits, 0); /* segment.ALWAYS; nothing is posted under it */
        follow_all(search);
        count = gather_topics(search->segment, scratch);
        scratch->demand_bits[0] = 0;
    }
    forget(scratch);
    return count;
}
