/* From queries to the topics that ask them, in order. */
#include "kernel.h"

enum { FEW = 24, BYTE = 256 };

/* Ask for the memory of what a query will need soon: a million topics fit in no cache. */
void ask_for_topic(const struct segment *segment, int32_t query)
{
    if (segment->topic_starts)
        PREFETCH(&segment->topic_starts[query]);
    else if (segment->short_topics)
        PREFETCH(&segment->short_topics[query]);
    else
        PREFETCH(&segment->long_topics[query]);
}

/* Put topics in order where they are few. */
static void insert_each(int64_t *topics, int64_t count)
{
    for (int64_t at = 1; at < count; at++) {
        int64_t topic = topics[at], to = at;
        for (; to > 0 && topics[to - 1] > topic; to--)
            topics[to] = topics[to - 1];
        topics[to] = topic;
    }
}

/* Put topics in order by one of their bytes, into `sorted`; what is alike in it keeps its order. */
static void sort_by_byte(const int64_t *topics, int64_t *sorted, int64_t count, int shift)
{
    int64_t starts[BYTE + 1] = {0};

    for (int64_t at = 0; at < count; at++)
        starts[((uint64_t)topics[at] >> shift & (BYTE - 1)) + 1]++;
    for (int digit = 0; digit < BYTE; digit++)
        starts[digit + 1] += starts[digit];
    for (int64_t at = 0; at < count; at++)
        sorted[starts[(uint64_t)topics[at] >> shift & (BYTE - 1)]++] = topics[at];
}

/* Put topics in order, a byte after the other; those that are the same in all of them are left out. */
static void sort_topics(struct scratch *scratch, int64_t count)
{
    uint64_t differing = 0;

    if (count < FEW) {
        insert_each(scratch->topics, count);
        return;
    }
    for (int64_t at = 1; at < count; at++)
        differing |= (uint64_t)(scratch->topics[at] ^ scratch->topics[0]);
    for (int shift = 0; shift < 64; shift += 8) {
        if (!(differing >> shift & (BYTE - 1)))
            continue;
        sort_by_byte(scratch->topics, scratch->other_topics, count, shift);
        memcpy(scratch->topics, scratch->other_topics, (size_t)count * sizeof *scratch->topics);
    }
}

/* Note where the topics of all queries stand; return how many there are. */
static int64_t place_topics(const struct segment *segment, const struct scratch *scratch, int64_t *places)
{
    int64_t count = 0;

    for (int64_t at = 0; at < scratch->query_count; at++) {
        int32_t query = scratch->queries[at];
        int32_t place = segment->topic_starts ? segment->topic_starts[query] : query;
        int32_t end = segment->topic_starts ? segment->topic_starts[query + 1] : query + 1;
        for (; place < end; place++) {
            places[count++] = place;
            if (segment->alive)
                PREFETCH(&segment->alive[place]);
            if (segment->topic_starts && segment->short_topics)
                PREFETCH(&segment->short_topics[place]);
        }
    }
    return count;
}

/* Note the topics of the queries found, in order; return how many there are. */
int64_t gather_topics(const struct segment *segment, struct scratch *scratch)
{
    const int64_t *places = scratch->other_topics;
    int64_t placed = place_topics(segment, scratch, scratch->other_topics), count = 0;

    for (int64_t at = 0; at < placed; at++) {
        int64_t place = places[at];
        if (!segment->alive || segment->alive[place])
            scratch->topics[count++] =
                segment->short_topics ? segment->short_topics[place] : segment->long_topics[place];
    }
    sort_topics(scratch, count);
    return count;
}
