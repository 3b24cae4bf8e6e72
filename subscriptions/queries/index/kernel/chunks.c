/* From a text to the numbers of its chunks: what stands between spaces, as Python's str.split() parts it. */
#include "kernel.h"

/* The length in bytes of the space that begins at `text`; 0 where there is none. UTF-8. */
static int space_at(const uint8_t *text, const uint8_t *end)
{
    static const char is_space[0x21] = {
        [0x09] = 1, [0x0a] = 1, [0x0b] = 1, [0x0c] = 1, [0x0d] = 1,
        [0x1c] = 1, [0x1d] = 1, [0x1e] = 1, [0x1f] = 1, [0x20] = 1,
    };
    uint8_t first = *text, second, third;

    if (first <= 0x20)
        return is_space[first];
    if (first < 0xc2 || first > 0xe3 || end - text < 2)
        return 0;
    second = text[1];
    if (first == 0xc2)
        return second == 0x85 || second == 0xa0 ? 2 : 0;
    if (first < 0xe1 || end - text < 3)
        return 0;
    third = text[2];
    if (first == 0xe1)
        return second == 0x9a && third == 0x80 ? 3 : 0; /* U+1680 */
    if (first == 0xe3)
        return second == 0x80 && third == 0x80 ? 3 : 0; /* U+3000 */
    if (second == 0x80) /* U+2000 to U+200A, U+2028, U+2029, U+202F */
        return third <= 0x8a || third == 0xa8 || third == 0xa9 || third == 0xaf ? 3 : 0;
    return second == 0x81 && third == 0x9f ? 3 : 0; /* U+205F */
}

static uint64_t rotated(uint64_t value, int by)
{
    return value << by | value >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotated(v[1], 13) ^ v[0];
    v[3] = rotated(v[3], 16) ^ v[2];
    v[0] = rotated(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotated(v[1], 17) ^ v[2];
    v[3] = rotated(v[3], 21) ^ v[0];
    v[2] = rotated(v[2], 32);
}

/* SipHash-1-3, as Python hashes texts: two chunks share one once in 2^64, and nobody can bring it about. */
static uint64_t hash_of(const uint8_t *text, int64_t length, const uint64_t secret[2])
{
    uint64_t v[4] = {
        secret[0] ^ UINT64_C(0x736f6d6570736575), secret[1] ^ UINT64_C(0x646f72616e646f6d),
        secret[0] ^ UINT64_C(0x6c7967656e657261), secret[1] ^ UINT64_C(0x7465646279746573),
    };
    uint64_t word, last = (uint64_t)length << 56;

    for (; length >= 8; text += 8, length -= 8) {
        memcpy(&word, text, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    while (length-- > 0)
        last |= (uint64_t)text[length] << 8 * length;
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The slot where a chunk is, or would be. */
static struct slot *slot_of(const struct vocabulary *known, uint64_t hash)
{
    int64_t mask = known->slot_count - 1, at = (int64_t)hash & mask;

    while (known->slots[at].number != UNKNOWN && known->slots[at].hash != hash)
        at = (at + 1) & mask;
    return &known->slots[at];
}

static void keep(struct vocabulary *known, uint64_t hash, int64_t number)
{
    struct slot *slot = slot_of(known, hash);

    slot->hash = hash;
    slot->number = number;
}

/* List the chunks of a text; return how many there are. */
static int64_t split(const struct vocabulary *known, int64_t field, const uint8_t *text, int64_t length,
                     struct found *found)
{
    const uint8_t *at = text, *end = text + length, *start;
    int64_t count = 0;

    while (at < end) {
        int space = space_at(at, end);
        if (space) {
            at += space;
            continue;
        }
        for (start = at++; at < end && !space_at(at, end);)
            at++;
        found[count].field = field;
        found[count].start = start - text;
        found[count].end = at - text;
        found[count].hash = hash_of(start, at - start, known->secret);
        PREFETCH(&known->slots[(int64_t)found[count].hash & (known->slot_count - 1)]);
        count++;
    }
    return count;
}

/* Number the chunks of a field behind those that there are; return how many are unknown, all together. */
static int64_t read_field(const struct vocabulary *known, struct article *article, int64_t field,
                          const char *text, int64_t length, int64_t unknown)
{
    struct found *found = article->found + unknown;
    int64_t count = split(known, field, (const uint8_t *)text, length, found);

    article->begins[field] = article->count;
    for (int64_t at = 0; at < count; at++) {
        int64_t number = slot_of(known, found[at].hash)->number;
        if (number == UNKNOWN) {
            found[at].place = article->count;
            article->found[unknown++] = found[at];
        }
        article->chunks[article->count++] = (int32_t)number;
    }
    article->ends[field] = article->count;
    if (length)
        article->chunks[article->count++] = GAP;
    return unknown;
}

/* Number all chunks of an article; return how many of them are unknown: they are listed. */
int64_t read_article(const struct vocabulary *known, struct article *article, const char *title,
                     int64_t title_length, const char *summary, int64_t summary_length, const char *body,
                     int64_t body_length)
{
    int64_t unknown;

    article->count = 0;
    unknown = read_field(known, article, 0, title, title_length, 0);
    unknown = read_field(known, article, 1, summary, summary_length, unknown);
    return read_field(known, article, 2, body, body_length, unknown);
}

/* Keep the numbers that unknown chunks have got in the article by now. */
void keep_chunks(struct vocabulary *known, const struct article *article, int64_t unknown)
{
    for (int64_t at = 0; at < unknown; at++)
        keep(known, article->found[at].hash, article->chunks[article->found[at].place]);
}

/* Keep what was in a smaller table. */
void move_chunks(struct vocabulary *known, const struct slot *slots, int64_t slot_count)
{
    for (int64_t at = 0; at < slot_count; at++)
        if (slots[at].number != UNKNOWN)
            keep(known, slots[at].hash, slots[at].number);
}
