/* The steps from an article's text to the topics it answers.
 *
 * Nothing here allocates or keeps memory: all arrays are numpy's, and structures.py says where they lie.
 * What is in them is told where they are made: segment.py, vocabulary.py. The words are the same there and
 * here, and so is what is found: the steps in numpy (search.py, met.py, closer.py) say what is right, and
 * tests compare.
 */
#ifndef TOCSIN_KERNEL_H
#define TOCSIN_KERNEL_H

#include <stdint.h>
#include <string.h>

enum {
    PROSE = 3,          /* title, summary, body */
    ROW_WORDS = 4,      /* names.LONGEST_ROW */
    TERMS = 4,          /* segment.TERMS */
    GAP = 0,            /* vocabulary.GAP, the chunk between two fields */
    APART = 10000,      /* reading.APART, positions between two fields */
    UNKNOWN = -1,
    GROW = -1           /* what a step returns that has too little room; it is called again with more */
};

#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)(address))
#endif

struct spellings {      /* vocabulary.Lists: of each chunk some names, with the positions they take in it */
    const int32_t *starts, *counts;
    const uint64_t *names;
    const uint8_t *positions, *afters;
};

struct slot {
    uint64_t hash;      /* of a chunk */
    int64_t number;     /* or UNKNOWN */
};

struct vocabulary {
    struct spellings found_by, written;
    const uint8_t *widths;
    struct slot *slots; /* a table of open addresses */
    int64_t slot_count; /* a power of two, half as many again as chunks at least */
    uint64_t secret[2]; /* so that nobody can choose chunks whose hashes collide */
};

struct found {          /* a chunk in a text */
    int64_t place;      /* among the article's chunks */
    int64_t field, start, end; /* which bytes of which text it is */
    uint64_t hash;
};

struct article {
    int32_t *chunks;    /* of all prose; behind each field that says something stands a GAP */
    int64_t count;
    int64_t begins[PROSE], ends[PROSE];
    struct found *found; /* all of a field while it is read; then those of the article that are unknown */
    const uint64_t *metadata; /* names of what stands outside of prose */
    int64_t metadata_count;
};

struct sorted {         /* names in order, spread evenly as hashes are */
    const uint64_t *names;
    int64_t count;
    uint64_t gap;       /* from one to the next, in the mean */
};

struct segment {        /* segment.Segment */
    struct sorted names, rows;
    const int32_t *name_starts, *name_demands, *row_demands;
    const uint8_t *row_marks;
    uint64_t row_mask;
    const int32_t *posting_starts, *posting_terms, *posting_targets;
    const int32_t *rest_queries, *rest_group_starts, *group_starts, *group_demands;
    const uint8_t *group_excludes;
    const int32_t *rest_check_starts;
    const int8_t *check_kinds;
    const int32_t *check_distances, *check_starts, *check_demands;
    const int32_t *topic_starts; /* null where each query has one topic, in the same order */
    const int32_t *short_topics; /* one of the two is null */
    const int64_t *long_topics;
    const uint8_t *alive; /* by topic; null where all are */
    int64_t fields;     /* that have demands of their own: all prose is the first, with a salt of 0 */
    int64_t field_numbers[PROSE + 1]; /* in prose, or -1 for all of it */
    uint64_t field_salts[PROSE + 1];
    int64_t row_fields; /* with words in a row */
    int64_t row_field_numbers[PROSE + 1];
    uint64_t row_field_salts[PROSE + 1];
};

struct span { int32_t start, count; };
struct hit { int32_t demand; uint8_t position, after; uint16_t nothing; };

struct met {            /* which demands of a segment the chunks of a vocabulary meet, as far as is known */
    struct span *spans; /* of each chunk in each field, chunk by chunk; a count may be UNKNOWN */
    struct hit *hits;
    int64_t length, room; /* of the hits */
};

struct place { int32_t demand, position, after, next; };

struct scratch {        /* room for one article; between two all bits are clear */
    uint64_t *demand_bits, *rest_bits, *query_bits;
    int32_t *demands, *rests, *queries; /* those whose bits are set; room for all there are */
    int64_t demand_count, rest_count, query_count;
    int32_t *undecided; /* rests that only Python can decide; room for all */
    int64_t undecided_count;
    struct place *places; /* of near words */
    int32_t *heads;     /* twice as many as places, and up to the next power of two */
    int64_t place_room, place_count, place_slots; /* slots are 0 until somebody asks */
    int64_t *topics, *other_topics; /* what was found; room for all */
};

struct search {
    const struct segment *segment;
    const struct vocabulary *vocabulary;
    const struct article *article;
    struct met *met;
    struct scratch *scratch;
};

/* What Python calls. */
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
const char *kernel_source(void); /* build.source_name() of what it was built from */
int64_t read_article(const struct vocabulary *, struct article *, const char *title, int64_t title_length,
                     const char *summary, int64_t summary_length, const char *body, int64_t body_length);
void keep_chunks(struct vocabulary *, const struct article *, int64_t unknown);
void move_chunks(struct vocabulary *, const struct slot *, int64_t slot_count);
int64_t find_topics(struct search *);
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

/* What the steps call of one another. */
int mark_demands(struct search *);
int are_near(struct search *, int32_t check); /* or UNKNOWN */
void ask_for_topic(const struct segment *, int32_t query);
int64_t gather_topics(const struct segment *, struct scratch *);

/* The part of the article that is a field, or all of it for -1. */
static inline void part_of(const struct article *article, int64_t field, int64_t *begin, int64_t *end)
{
    *begin = field < 0 ? 0 : article->begins[field];
    *end = field < 0 ? article->count : article->ends[field];
}

/* Set a bit; return whether it was clear. */
static inline int mark(uint64_t *bits, int32_t at)
{
    uint64_t bit = UINT64_C(1) << (at & 63), *word = &bits[at >> 6];
    int is_new = !(*word & bit);

    *word |= bit;
    return is_new;
}

static inline unsigned is_marked(const uint64_t *bits, int32_t at)
{
    return (unsigned)(bits[at >> 6] >> (at & 63)) & 1;
}

#endif
