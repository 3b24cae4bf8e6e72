/* Which demands of a segment an article meets: by its words, by words in a row, and outside of prose. */
#include "kernel.h"

enum { AHEAD = 12, WAITING = 16 }; /* so many steps before it is used memory is asked for */

static const uint64_t ODD[ROW_WORDS] = { /* names._ODD */
    UINT64_C(0x9E3779B97F4A7C15), UINT64_C(0xC2B2AE3D27D4EB4F),
    UINT64_C(0x165667B19E3779F9), UINT64_C(0x27D4EB2F165667C5),
};

/* About where a name stands, if there are any. */
static int64_t guess(const struct sorted *in, uint64_t name)
{
    return (int64_t)((name >> 32) * (uint64_t)in->count >> 32);
}

/* Where a name stands, or UNKNOWN. Names are spread evenly: two guesses come near, and it is sought there. */
static int64_t place_of(const struct sorted *in, uint64_t name)
{
    const uint64_t *names = in->names;
    int64_t at, low, high, step = 1;

    if (!in->count)
        return UNKNOWN;
    at = guess(in, name);
    for (int again = 0; again < 2; again++) {
        at += (int64_t)(name - names[at]) / (int64_t)in->gap;
        at = at < 0 ? 0 : at >= in->count ? in->count - 1 : at;
    }
    if (names[at] < name) {
        for (low = at + 1, high = low; high < in->count && names[high] < name; step *= 2) {
            low = high + 1;
            high += step;
        }
        high = high < in->count ? high : in->count;
    } else {
        for (high = at, low = at; low > 0 && names[low] >= name; step *= 2) {
            high = low;
            low = low > step ? low - step : 0;
        }
    }
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (names[middle] < name)
            low = middle + 1;
        else
            high = middle;
    }
    return low < in->count && names[low] == name ? low : UNKNOWN;
}

static void meet(const struct search *search, int32_t demand)
{
    struct scratch *scratch = search->scratch;

    if (mark(scratch->demand_bits, demand)) {
        scratch->demands[scratch->demand_count++] = demand;
        PREFETCH(&search->segment->posting_starts[demand]);
    }
}

/* Find out what a chunk meets in a field; return 0 where there is too little room. */
static int learn(struct search *search, struct span *span, int32_t chunk, uint64_t salt)
{
    const struct segment *segment = search->segment;
    const struct spellings *by = &search->vocabulary->found_by;
    struct met *met = search->met;
    int64_t length = met->length;

    for (int32_t at = by->starts[chunk], end = at + by->counts[chunk]; at < end; at++) {
        int64_t place = place_of(&segment->names, by->names[at] ^ salt);
        if (place == UNKNOWN)
            continue;
        for (int32_t one = segment->name_starts[place]; one < segment->name_starts[place + 1]; one++) {
            struct hit hit = {segment->name_demands[one], by->positions[at], by->afters[at], 0};
            if (length == met->room)
                return 0;
            met->hits[length++] = hit;
        }
    }
    span->start = (int32_t)met->length;
    span->count = (int32_t)(length - met->length);
    met->length = length;
    return 1;
}

static int mark_words(struct search *search, int64_t field)
{
    const struct segment *segment = search->segment;
    const struct article *article = search->article;
    struct met *met = search->met;
    int64_t at, end;

    part_of(article, segment->field_numbers[field], &at, &end);
    for (; at < end; at++) {
        int32_t chunk = article->chunks[at];
        struct span *span = &met->spans[chunk * segment->fields + field];
        if (at + AHEAD < end)
            PREFETCH(&met->spans[article->chunks[at + AHEAD] * segment->fields + field]);
        if (at + AHEAD / 2 < end)
            PREFETCH(&met->hits[met->spans[article->chunks[at + AHEAD / 2] * segment->fields + field].start]);
        if (span->count == UNKNOWN && !learn(search, span, chunk, segment->field_salts[field]))
            return 0;
        for (int32_t hit = span->start; hit < span->start + span->count; hit++)
            meet(search, met->hits[hit].demand);
        search->scratch->place_count += span->count;
    }
    return 1;
}

/* Rows that wait for the memory that they need. */
struct waiting {
    uint64_t rows[WAITING];
    unsigned count;
};

/* Let a row wait; return whether one has waited long enough, which is put in its place. */
static int wait_for(struct waiting *waiting, uint64_t *row)
{
    uint64_t *place = &waiting->rows[waiting->count % WAITING], waited = *place;

    *place = *row;
    *row = waited;
    return waiting->count++ >= WAITING;
}

/* Take out a row that still waits; return 0 where there is none. */
static int take_out(struct waiting *waiting, uint64_t *row)
{
    unsigned left = waiting->count < WAITING ? waiting->count : WAITING;

    if (!left)
        return 0;
    waiting->count = left - 1; /* the order does not matter any more */
    *row = waiting->rows[waiting->count];
    return 1;
}

/* The rows of a field: they wait for their mark, and those that may be in a query for their place. */
struct rows {
    const struct search *search;
    int64_t end;        /* of the field's chunks */
    uint64_t salt;
    struct waiting all, likely;
};

static void look_up_row(const struct search *search, uint64_t row)
{
    int64_t place = place_of(&search->segment->rows, row);

    if (place != UNKNOWN)
        meet(search, search->segment->row_demands[place]);
}

static void look_at_mark(struct rows *rows, uint64_t row)
{
    const struct segment *segment = rows->search->segment;

    if (!segment->row_marks[row & segment->row_mask] || !segment->rows.count)
        return;
    PREFETCH(&segment->rows.names[guess(&segment->rows, row)]);
    if (wait_for(&rows->likely, &row))
        look_up_row(rows->search, row);
}

static void add_row(struct rows *rows, uint64_t row)
{
    PREFETCH(&rows->search->segment->row_marks[row & rows->search->segment->row_mask]);
    if (wait_for(&rows->all, &row))
        look_at_mark(rows, row);
}

/* Go on with a row of so many words: by each spelling that begins at `offset` in the chunk at `at`. */
static void follow_row(struct rows *rows, int64_t at, int offset, uint64_t row, int words)
{
    const struct spellings *written = &rows->search->vocabulary->written;
    const uint8_t *widths = rows->search->vocabulary->widths;
    const int32_t *chunks = rows->search->article->chunks;
    int32_t one, last;

    while (at < rows->end && offset == widths[chunks[at]]) { /* behind its last word */
        at++;
        offset = 0;
    }
    if (at == rows->end)
        return;
    one = written->starts[chunks[at]];
    last = one + written->counts[chunks[at]];
    for (; one < last; one++) {
        uint64_t longer = row + written->names[one] * ODD[words];
        if (written->positions[one] != offset)
            continue;
        if (words)
            add_row(rows, longer ^ rows->salt);
        if (words + 1 < ROW_WORDS)
            follow_row(rows, at, written->afters[one], longer, words + 1);
    }
}

static void mark_rows(const struct search *search, int64_t field)
{
    const struct segment *segment = search->segment;
    struct rows rows = {search, 0, segment->row_field_salts[field], {{0}, 0}, {{0}, 0}};
    uint64_t row;
    int64_t at;

    part_of(search->article, segment->row_field_numbers[field], &at, &rows.end);
    for (; at < rows.end; at++)
        for (int offset = 0; offset < search->vocabulary->widths[search->article->chunks[at]]; offset++)
            follow_row(&rows, at, offset, 0, 0);
    while (take_out(&rows.all, &row))
        look_at_mark(&rows, row);
    while (take_out(&rows.likely, &row))
        look_up_row(search, row);
}

static void mark_metadata(struct search *search)
{
    const struct segment *segment = search->segment;

    for (int64_t at = 0; at < search->article->metadata_count; at++) {
        int64_t place = place_of(&segment->names, search->article->metadata[at]);
        if (place == UNKNOWN)
            continue;
        for (int32_t one = segment->name_starts[place]; one < segment->name_starts[place + 1]; one++)
            meet(search, segment->name_demands[one]);
    }
}

/* Mark all demands that are met; return 0 where there is too little room. */
int mark_demands(struct search *search)
{
    search->scratch->place_count = 0;
    for (int64_t field = 0; field < search->segment->fields; field++)
        if (!mark_words(search, field))
            return 0;
    for (int64_t field = 0; field < search->segment->row_fields; field++)
        mark_rows(search, field);
    mark_metadata(search);
    return 1;
}
