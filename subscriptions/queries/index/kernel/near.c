/* Whether two words stand near one another. */
#include "kernel.h"

enum { MOST_PAIRS = 100 }; /* of places that are compared */

static int32_t *head_of(const struct scratch *scratch, int32_t demand)
{
    uint32_t mask = (uint32_t)scratch->place_slots - 1, slot = (uint32_t)demand * 0x9E3779B1u & mask;

    while (scratch->heads[slot] >= 0 && scratch->places[scratch->heads[slot]].demand != demand)
        slot = (slot + 1) & mask;
    return &scratch->heads[slot];
}

static void add_place(struct scratch *scratch, const struct hit *hit, int32_t position, int64_t at)
{
    int32_t *head = head_of(scratch, hit->demand);
    int32_t first = position + hit->position, after = position + hit->after;
    struct place place = {hit->demand, first, after, *head};

    scratch->places[at] = place;
    *head = (int32_t)at;
}

/* Note the places of what is met in a field, behind those noted; return how many there are then. */
static int64_t note_field(const struct search *search, int64_t field, int64_t noted)
{
    const struct article *article = search->article;
    int64_t begin, end;
    int32_t position = 0;

    part_of(article, search->segment->field_numbers[field], &begin, &end);
    for (int64_t at = 0; at < end; at++) {
        int32_t chunk = article->chunks[at];
        const struct span *span = &search->met->spans[chunk * search->segment->fields + field];
        if (at >= begin)
            for (int32_t hit = span->start; hit < span->start + span->count; hit++)
                add_place(search->scratch, &search->met->hits[hit], position, noted++);
        position += chunk == GAP ? APART : search->vocabulary->widths[chunk];
    }
    return noted;
}

/* Note where each demand is met, as lists by demand. */
static void note_places(const struct search *search)
{
    struct scratch *scratch = search->scratch;
    int64_t noted = 0;

    for (scratch->place_slots = 2; scratch->place_slots < 2 * scratch->place_count;)
        scratch->place_slots *= 2;
    memset(scratch->heads, -1, (size_t)scratch->place_slots * sizeof *scratch->heads);
    for (int64_t field = 0; field < search->segment->fields; field++)
        noted = note_field(search, field, noted);
}

/* Answer a check of two near words: 1, 0, or UNKNOWN where a closer look is needed. */
int are_near(struct search *search, int32_t check)
{
    const struct segment *segment = search->segment;
    struct scratch *scratch = search->scratch;
    const int32_t *asked = &segment->check_demands[segment->check_starts[check]];
    int32_t furthest = segment->check_distances[check] + 1;
    int left = MOST_PAIRS, is_wide = 0;

    if (asked[0] == asked[1])
        return UNKNOWN;
    if (!scratch->place_slots)
        note_places(search);
    for (int32_t one = *head_of(scratch, asked[0]); one >= 0; one = scratch->places[one].next) {
        const struct place *first = &scratch->places[one];
        for (int32_t other = *head_of(scratch, asked[1]); other >= 0; other = scratch->places[other].next) {
            const struct place *second = &scratch->places[other];
            int32_t apart = first->position - second->position;
            if (!left--)
                return UNKNOWN;
            if (first->after - first->position > 1 || second->after - second->position > 1)
                is_wide = 1; /* it takes several positions */
            else if (apart && apart <= furthest && -apart <= furthest)
                return 1;
        }
    }
    return is_wide ? UNKNOWN : 0;
}
