/* Holds express.c to its bounds and to what it promises, under the sanitizers of a compiler: test_express_bounds.py.

   `express_fuzz CORPUS SEED ROUNDS`: each round makes a walker of random size, teaches it some lines of the corpus,
   and lets it walk through blocks of lines that are like those, or were damaged. Every line and every block ends where
   what was allocated ends, so that a byte read beyond it is seen. Allocations fail at times. What the walk says is
   compared with a plain count of the same lines. It ends with 1 and a message at the first thing that is wrong. */

#define _GNU_SOURCE /* as express.c, which is included below */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long long held;      /* allocations that were not freed */
static long long remaining; /* allocations until one fails; 0 for never */

static void *allocated(void *at, void *made) {
    held += made != NULL && at == NULL;
    return made;
}

static int fails(void) { return remaining > 0 && --remaining == 0; }
static void *fuzz_malloc(size_t size) { return fails() ? NULL : allocated(NULL, malloc(size)); }
static void *fuzz_calloc(size_t count, size_t size) { return fails() ? NULL : allocated(NULL, calloc(count, size)); }
static void *fuzz_realloc(void *at, size_t size) { return fails() ? NULL : allocated(at, realloc(at, size)); }
static void fuzz_free(void *at) {
    held -= at != NULL;
    free(at);
}

#define malloc fuzz_malloc
#define calloc fuzz_calloc
#define realloc fuzz_realloc
#define free fuzz_free
#include "express.c"
#undef malloc
#undef calloc
#undef realloc
#undef free

#define LINES 2000
#define LEARNED 64
#define HOLDS(what) do { if (!(what)) wrong(#what, __LINE__); } while (0)

typedef struct { uint8_t *at; size_t size; } text;

static text corpus[LINES], learned[LEARNED];
static uint32_t means[LEARNED]; /* what was told of each shape; NONE before */
static size_t lines, known;
static int narrow; /* true when all lines come from one, and most have its hash */
static uint64_t chance;
static struct { int64_t hour, noted; uint64_t turn; int watched; } meant[LEARNED];
static uint64_t sum, placed; /* of the keys of lines that were passed, alone and with their turns */
static uint64_t turned, turns_seen; /* how many turns there were, and a hash of them */
static long long counted, put_down[LOGS];
static int logged[LEARNED]; /* the logs for lines of a shape, a bit for each */

static void wrong(const char *what, int line) {
    fprintf(stderr, "express_fuzz.c:%d: does not hold: %s\n", line, what);
    exit(1);
}

static uint64_t draw(uint64_t below) { /* xorshift64* */
    chance ^= chance >> 12, chance ^= chance << 25, chance ^= chance >> 27;
    return chance * UINT64_C(0x2545F4914F6CDD1D) % below;
}

/* Where the values of a line are that may differ from those of a line of the same shape; 0 for what it does not have. */
typedef struct { size_t id, query, closed, version, behind, body, after, received; } places;

static int cut_of(const text *line, places *at) {
    int64_t cuts[8];
    if (express_cut(line->at, line->size, cuts) < 0) return 0;
    *at = (places){(size_t)cuts[0], (size_t)cuts[1], (size_t)cuts[2], (size_t)cuts[3],
                   (size_t)cuts[4], (size_t)cuts[5], (size_t)cuts[6], (size_t)cuts[7]};
    return 1;
}

static text copy(const uint8_t *at, size_t size) {
    text made = {malloc(size ? size : 1), size};
    HOLDS(made.at != NULL);
    if (size && at) memcpy(made.at, at, size);
    return made;
}

static void replace(text *in, size_t from, size_t to, const void *by, size_t size) {
    text made = {malloc(in->size - (to - from) + size + 1), in->size - (to - from) + size};
    HOLDS(made.at != NULL);
    memcpy(made.at, in->at, from);
    if (size) memcpy(made.at + from, by, size);
    memcpy(made.at + from + size, in->at + to, in->size - to);
    free(in->at);
    *in = copy(made.at, made.size);
    free(made.at);
}

/* Other values in the places of those that differ from line to line, mostly plain ones. */
static void vary(text *in) {
    static const char *const versions[] = {"0", "7", "18446744073709551615", "000", "184467440737095516150"};
    static const char *const bodies[] = {",\"requestObject\":{}", ",\"responseObject\":{\"a\":[1,-2.5e+3,true,null,{}]}",
        ",\"requestObject\":{\"a\":\"\\u00e9\\n\"},\"responseObject\":{\"b\":[[],0]}", ",\"requestObject\":{\"a\":01}",
        ",\"requestObject\":{\"a\":\"\\ud800\"}", ",\"responseObject\":{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"};
    static const char *const queries[] = {"", "watch=1", "a\\u0026b=%3D?", "a&b", "a\\u003cb", "\xc3\xa9", "\\\\"};
    places at;
    if (!cut_of(in, &at)) return;
    uint8_t *time = in->at + at.received;
    if (draw(4)) time[18 + draw(8)] = (uint8_t)('0' + draw(10));
    if (!draw(4)) time[47 + draw(26)] = (uint8_t)('0' + draw(10));
    if (!draw(16)) time[draw(TIMES)] = (uint8_t)(draw(4) ? '0' + draw(10) : '\n');
    if (draw(8)) in->at[at.id + (draw(4) ? 35 : draw(AUDIT_ID))] = (uint8_t)("0123456789abcdefg-A"[draw(19)]);
    if (!draw(64)) in->at[at.id + draw(AUDIT_ID)] = (uint8_t)draw(256);
    const char *query = queries[draw(sizeof queries / sizeof *queries)], *version = versions[draw(5)], *body = bodies[draw(sizeof bodies / sizeof *bodies)];
    if (at.body && draw(2)) replace(in, at.body, at.after, body, strlen(body));
    if (at.version && draw(2)) replace(in, at.version, at.behind, version, strlen(version));
    if (at.query && !draw(16)) {
        text long_query = copy(NULL, QUERY - 1 + draw(3));
        memset(long_query.at, 'a', long_query.size);
        replace(in, at.query, at.closed, long_query.at, long_query.size);
        free(long_query.at);
    } else if (at.query && draw(2)) {
        replace(in, at.query, at.closed, query, strlen(query));
    }
}

/* Another line with the same hash: the highest bit of a word is the one whose way through the hash is known. */
static void collide(text *in) {
    places at;
    if (!cut_of(in, &at)) return;
    size_t from = at.id + AUDIT_ID, to = at.query ? at.query : at.version ? at.version : at.body ? at.body : at.received;
    if (!draw(3)) from = at.received + TIMES, to = in->size;
    if (to - from < 64) return;
    uint8_t *word = in->at + from + 8 * draw((to - from) / 32 * 4 - 4);
    word[7] ^= 0x80, word[39] ^= 0x80, word[36] ^= 0x04;
}

/* One thing done to a line that an API server would not do. */
static void damage(text *in) {
    static const char *const pieces[] = {"\"", "\\", "\n", "\r", "{", "0", "\xff", "\"resourceVersion\":\"", "Z\",\"stageTimestamp\":\"",
        "\"requestReceivedTimestamp\":\"", "\",\"auditID\":\"", ",\"requestObject\":{", ",\"responseObject\":{", "]}", "\\u", "?", "\\u0026", "\",\"verb\":\"watch\",", "2026-02-29T24:60:60.000000", "9999999999999999999999"};
    if (!in->size) return;
    size_t from = draw(in->size + 1), to = from + draw(in->size - from + 1);
    const char *piece = pieces[draw(sizeof pieces / sizeof *pieces)];
    const text *other = &corpus[draw(lines)];
    uint8_t byte = (uint8_t)draw(256);
    switch (draw(7)) {
    case 0: replace(in, from, from, piece, strlen(piece)); break;
    case 1: replace(in, from, from < in->size ? from + 1 : from, &byte, 1); break;
    case 2: replace(in, from, draw(3) ? (from < in->size ? from + 1 : from) : to, NULL, 0); break;
    case 3: replace(in, from, in->size, NULL, 0); break;
    case 4: replace(in, 0, from, NULL, 0); break;
    case 5: replace(in, from, in->size, other->at + (from < other->size ? from : 0), other->size - (from < other->size ? from : 0)); break;
    default: replace(in, from, from, piece, strlen(piece)); replace(in, draw(in->size), in->size, piece, strlen(piece));
    }
}

static text some_line(void) {
    const text *from = known && (narrow || draw(4)) ? &learned[draw(narrow ? 1 : known)] : &corpus[draw(lines)];
    text made = copy(from->at, from->size);
    if (draw(8)) vary(&made);
    for (int left = narrow ? 4 : !draw(4); left; left--) collide(&made);
    if (narrow) return made;
    while (!draw(3)) damage(&made);
    return made;
}

static int kind_of(const text *line) {
    int64_t cuts[8];
    return express_cut(line->at, line->size, cuts);
}

/* A line without its own values. */
static text bare(const text *line) {
    places at;
    text made = copy(line->at, line->size);
    HOLDS(cut_of(line, &at));
    replace(&made, at.received, at.received + TIMES, "<times>", 7);
    if (at.body) replace(&made, at.body, at.after, &"<the bodies>"[kind_of(line) >> 1], 4); /* as many as there are kinds */
    if (at.version) replace(&made, at.version, at.behind, "<version>", 9);
    if (at.query) replace(&made, at.query, at.closed, "<query>", 7);
    replace(&made, at.id, at.id + AUDIT_ID, "<id>", 4);
    return made;
}

/* Lines of one shape are equal but for their values. */
static int like(const text *line, const text *other) {
    text one = bare(line), two = bare(other);
    int equal = one.size == two.size && !memcmp(one.at, two.at, one.size);
    free(one.at), free(two.at);
    return equal;
}

/* Microseconds of a time by the calendar of the C library; -1 for what no calendar has. */
static int64_t by_calendar(const uint8_t *at) {
    struct tm read = {0}, again;
    char written[TIMES], written_again[TIMES];
    int fraction = 0, end = 0;
    snprintf(written, sizeof written, "%.26s", (const char *)at);
    sscanf(written, "%4d-%2d-%2dT%2d:%2d:%2d.%6d%n", &read.tm_year, &read.tm_mon, &read.tm_mday, &read.tm_hour,
           &read.tm_min, &read.tm_sec, &fraction, &end);
    read.tm_year -= 1900, read.tm_mon -= 1;
    time_t moment = timegm(&read);
    if (end != 26 || gmtime_r(&moment, &again) == NULL) return -1;
    snprintf(written_again, sizeof written_again, "%04d-%02d-%02dT%02d:%02d:%02d.%06d", again.tm_year + 1900,
             again.tm_mon + 1, again.tm_mday, again.tm_hour, again.tm_min, again.tm_sec, fraction);
    return memcmp(written, written_again, 27) ? -1 : (int64_t)moment * 1000000 + fraction;
}

/* What a line adds to the key of its shape. */
static int64_t mark_of_line(const express *e, const text *line, const places *at) {
    int64_t mark = express_mark(e, line->at + at->id, AUDIT_ID, line->at + at->received, SECOND + 7);
    if (!at->query) return mark;
    text query = copy(line->at + at->query, at->closed - at->query);
    for (size_t i = 0; i + 6 <= query.size; i++)
        if (!memcmp(query.at + i, "\\u0026", 6)) replace(&query, i, i + 6, "&", 1);
    mark ^= express_mark(e, query.at, query.size, query.at, 0);
    free(query.at);
    return mark;
}

static uint64_t fold(uint64_t hash, uint32_t number, int64_t hour) { return (hash ^ number ^ (uint64_t)hour << 8) * SPREAD; }

/* A line that was passed is like a learned one of which a meaning was told, and has plain values; its key is counted. */
static void check_passed(const express *e, const text *line) {
    places at;
    HOLDS(cut_of(line, &at) && at.behind - at.version <= DIGITS);
    const uint8_t *id = line->at + at.id, *time = line->at + at.received;
    for (size_t i = at.query; i < at.closed; i++) HOLDS(line->at[i] >= 32 && line->at[i] < 127 && line->at[i] != '"');
    for (size_t i = 0; i < AUDIT_ID; i++) HOLDS(id[i] >= 32 && id[i] < 127 && id[i] != '"' && id[i] != '\\');
    for (size_t i = at.version; i < at.behind; i++) HOLDS(line->at[i] >= '0' && line->at[i] <= '9');
    int64_t received = by_calendar(time), answered = by_calendar(time + TIMES - 26);
    HOLDS(received >= INT64_C(1388534400000000) && received < INT64_C(4102444800000000)); /* from 2014 to 2099 */
    HOLDS(answered > received - 1000000 && answered < INT64_C(4102444800000000));
    size_t number = 0;
    while (number < known && !(means[number] != NONE && like(line, &learned[number]))) number++;
    HOLDS(number < known);
    uint32_t m = means[number];
    if (meant[m].hour != received / HOUR) {
        meant[m].hour = received / HOUR, meant[m].noted = meant[m].watched ? INT64_MAX : INT64_MIN, meant[m].turn = turned++;
        turns_seen = fold(turns_seen, m, meant[m].hour);
    }
    int into = logged[number] | (received < meant[m].noted) << TELLING;
    if (received < meant[m].noted) meant[m].noted = received;
    for (int i = 0; i < LOGS; i++) put_down[i] += into >> i & 1;
    uint64_t key = (uint64_t)((int64_t)number * 77 ^ mark_of_line(e, line, &at));
    sum += key, placed += key * (meant[m].turn + 1);
    counted++;
}

static void walk(express *e, const text *block, size_t stop) {
    int64_t out[OUTS], number = 0;
    size_t at = 0;
    express_open(e, block->at, block->size, stop, 1000, 500);
    while (number != END) {
        number = express_next(e, out);
        for (int64_t passed = 0; passed < out[PASSED]; passed++) {
            const uint8_t *newline = memchr(block->at + at, '\n', block->size - at);
            HOLDS(newline != NULL && at < stop);
            text line = copy(block->at + at, (size_t)(newline - block->at) + 1 - at);
            check_passed(e, &line);
            at += line.size;
            free(line.at);
        }
        HOLDS(out[START] == (int64_t)at && out[NEXT] <= (int64_t)block->size);
        const uint8_t *newline = at < block->size ? memchr(block->at + at, '\n', block->size - at) : NULL;
        if (number == END) {
            HOLDS(out[NEXT] == out[START] && (newline == NULL || at >= stop));
            return;
        }
        HOLDS(newline != NULL && out[NEXT] == newline - block->at + 1 && at < stop);
        if (number >= 0) {
            text line = copy(block->at + at, (size_t)(out[NEXT] - out[START]));
            places own;
            HOLDS((size_t)number < known && like(&line, &learned[number]) && cut_of(&line, &own) && (int64_t)own.id == out[ID]);
            HOLDS(by_calendar(line.at + own.received) == out[RECEIVED_AT]);
            HOLDS(by_calendar(line.at + own.received + TIMES - 26) == out[ANSWERED_AT]);
            HOLDS(mark_of_line(e, &line, &own) == out[MARK]);
            free(line.at);
        } else {
            HOLDS(number == UNKNOWN);
        }
        at = (size_t)out[NEXT];
    }
}

/* What is to be put down is in its log, once. */
static void check_logs(express *e) {
    for (uint32_t which = 0; which < LOGS + 1; which++) {
        const void *columns[6];
        uint32_t size = express_log(e, which, columns);
        HOLDS(which < LOGS || size == 0);
        if (which == LOGS) break;
        const int64_t *times = columns[0], *offsets = columns[2], *numbers = columns[3];
        const uint32_t *shapes = columns[4];
        for (uint32_t i = 0; i < size; i++)
            HOLDS(times[i] > 0 && offsets[i] >= 1000 && numbers[i] > 500 && shapes[i] < known);
        HOLDS(size == put_down[which] && express_log(e, which, columns) == 0);
        put_down[which] = 0;
    }
}

static void forget(express *e) {
    check_logs(e);
    express_forget(e);
    while (known) free(learned[--known].at);
}

static void tell_meaning(express *e, uint32_t number, uint32_t meanings, int stage) {
    int watched = (int)draw(2);
    express_meaning(e, number, stage, (int)draw(2), watched);
    if (number < meanings && stage >= 0 && stage < STAGES) meant[number].hour = UNKNOWN, meant[number].watched = watched;
}

static void teach(express *e, uint32_t meanings) {
    text line = some_line();
    int64_t number = express_learn(e, line.at, line.size);
    HOLDS((number >= UNKNOWN || number == CROWDED) && number <= (int64_t)known);
    HOLDS(number < 0 || express_learn(e, line.at, line.size) == number);
    if (number == (int64_t)known) {
        HOLDS(known < LEARNED);
        means[known] = NONE, logged[known] = 0;
        learned[known++] = copy(line.at, line.size);
    }
    if (number >= 0) {
        uint32_t meaning = (uint32_t)draw(meanings + 1);
        int into = (int)draw(1 << LOGS);
        express_shape(e, (uint32_t)number, meaning, number * 77, into);
        if (meaning < meanings) means[number] = meaning, logged[number] = into;
        if (!draw(16)) tell_meaning(e, meaning, meanings, (int)draw(STAGES + 2) - 1);
    }
    express_shape(e, (uint32_t)draw(LEARNED * 2) + (uint32_t)known, (uint32_t)draw(meanings * 2), 0, 1);
    free(line.at);
}

/* A torn piece of a line as a JSON value. */
static void skim(void) {
    text line = some_line();
    size_t from = draw(line.size + 1);
    const uint8_t *open = memchr(line.at + from, '{', line.size - from);
    if (open != NULL) from = (size_t)(open - line.at);
    text piece = copy(line.at + from, draw(line.size - from + 1));
    HOLDS(skip_value(piece.at, 0, piece.size, 0) <= piece.size);
    free(piece.at), free(line.at);
}

/* Keys among others, found one by one. */
static void look_among(void) {
    size_t size = draw(40), count = draw(40), few = 1 + draw(200);
    text keys = copy(NULL, size * 8), asked = copy(NULL, count * 8), places = copy(NULL, count * 4);
    int64_t *key = (int64_t *)keys.at, *ask = (int64_t *)asked.at;
    uint32_t *place = (uint32_t *)places.at;
    int twice = 0;
    for (size_t i = 0; i < size; i++) key[i] = (int64_t)(draw(few) << draw(40));
    for (size_t i = 0; i < count; i++) ask[i] = draw(2) && size ? key[draw(size)] : (int64_t)draw(few);
    for (size_t i = 0; i < size; i++)
        for (size_t j = 0; j < i; j++) twice |= key[i] == key[j];
    long long failing = remaining;
    int apart = express_among(key, size, ask, count, place);
    HOLDS(failing ? !(apart && twice) : apart == !twice);
    for (size_t i = 0; apart && i < count; i++) {
        uint32_t found = 0;
        for (size_t j = 0; j < size; j++) found = key[j] == ask[i] ? (uint32_t)j + 1 : found;
        HOLDS(place[i] == found);
    }
    free(keys.at), free(asked.at), free(places.at);
}

/* Citations take no more room than is promised, and nothing is read beyond rows, places and texts. */
static void cite_some(void) {
    static const char *const texts[] = {"\"a.log\"", "null", "\"\\u0000\""};
    size_t size = 1 + draw(20), places = 1 + draw(4), count = draw(30);
    text ids = copy(NULL, size * UUID), lines_at = copy(NULL, size * 8), offsets = copy(NULL, size * 8);
    text ranks = copy(NULL, size * 4), begins = copy(NULL, places * 4), before = copy(NULL, places * 8), rows = copy(NULL, count * 4);
    const char *files[4];
    size_t longest = 0;
    for (size_t i = 0; i < size; i++) {
        for (int half = 0; half < UUID; half++) ids.at[i * UUID + (size_t)half] = (uint8_t)draw(256);
        ((int64_t *)lines_at.at)[i] = (int64_t)(draw(UINT64_MAX) >> (2 + draw(60)));
        ((int64_t *)offsets.at)[i] = (int64_t)(draw(UINT64_MAX) >> (1 + draw(60)));
        ((uint32_t *)ranks.at)[i] = (uint32_t)draw(12);
    }
    for (size_t i = 0; i < places; i++) {
        ((uint32_t *)begins.at)[i] = (uint32_t)(i ? draw(size) : 0), ((int64_t *)before.at)[i] = (int64_t)draw(INT64_MAX / 2);
        files[i] = texts[draw(3)];
    }
    for (size_t i = 1; i < places; i++) { /* in order */
        uint32_t *begin = (uint32_t *)begins.at;
        if (begin[i] < begin[i - 1]) begin[i] = begin[i - 1];
    }
    for (size_t i = 0; i < count; i++) ((uint32_t *)rows.at)[i] = (uint32_t)draw(size);
    for (int i = 0; i < 3; i++) longest = strlen(texts[i]) > longest ? strlen(texts[i]) : longest;
    sheet known_rows = {(const uint8_t (*)[UUID])ids.at, (int64_t *)lines_at.at, (int64_t *)offsets.at, (uint32_t *)ranks.at,
                        (uint32_t *)begins.at, (int64_t *)before.at, files, texts, places};
    text out = copy(NULL, count * (160 + 2 * longest) + 2);
    uint64_t taken = express_cite(&known_rows, (uint32_t *)rows.at, count, out.at);
    HOLDS(taken <= out.size && out.at[0] == '[' && out.at[taken - 1] == ']');
    free(ids.at), free(lines_at.at), free(offsets.at), free(ranks.at), free(begins.at), free(before.at), free(rows.at), free(out.at);
}

/* Some lines, the last one often torn; now and then all of them many times over. */
static text some_block(void) {
    text block = copy((const uint8_t *)"", 0);
    for (uint64_t left = draw(20); left; left--) {
        text line = some_line();
        replace(&block, block.size, block.size, line.at, line.size);
        free(line.at);
    }
    if (block.size && draw(2)) replace(&block, draw(block.size), block.size, NULL, 0);
    if (!draw(400)) {
        text all = {malloc(block.size * 500 + 1), block.size * 500};
        HOLDS(all.at != NULL);
        for (size_t at = 0; at < all.size; at += block.size) memcpy(all.at + at, block.at, block.size);
        free(block.at);
        block = copy(all.at, all.size);
        free(all.at);
    }
    return block;
}

/* What was passed is in the columns, under the number of its turn, and nothing else is. */
static void check_columns(const express *e, uint64_t (*turn_of)(uint32_t)) {
    const int64_t *keys;
    const uint32_t *numbers;
    uint64_t found = 0, under = 0, hash = 0;
    long long size = 0;
    int64_t span[2];
    for (uint32_t number = 0; number < STAGES * PARTITIONS + 2; number++) {
        uint32_t entries = express_column(e, number, &keys, &numbers);
        for (uint32_t i = 0; i < entries; i++) {
            HOLDS((keys[i] & (PARTITIONS - 1)) == number % PARTITIONS && turn_of(numbers[i]) < turned);
            found += (uint64_t)keys[i], under += (uint64_t)keys[i] * (turn_of(numbers[i]) + 1);
        }
        size += entries;
    }
    HOLDS(size == counted && found == sum && under == placed);
    const uint32_t *counts;
    long long counted_by_turn = 0;
    uint32_t turns = express_turns(e, &numbers, &keys, &counts);
    for (uint32_t i = 0; i < turns; i++) hash = fold(hash, numbers[i], keys[i]), counted_by_turn += counts[i];
    HOLDS(turns == turned && hash == turns_seen && counted_by_turn == size);
    uint32_t minutes = express_minutes(e, &numbers, span);
    HOLDS(minutes <= size && (size == 0) == (minutes == 0) && (size == 0 || span[0] <= span[1]));
    for (uint32_t i = 0; i < minutes; i++) HOLDS(numbers[i] >= span[0] / MINUTE && numbers[i] <= span[1] / MINUTE);
}

static uint64_t as_it_is(uint32_t number) { return number; }
static uint64_t as_settled(uint32_t number) { return number % 7 == 3 ? number / 7 : UINT64_MAX; }

/* Other numbers for all turns. */
static void settle(express *e) {
    text numbers = copy(NULL, turned * 4);
    for (uint32_t i = 0; i < turned; i++) ((uint32_t *)numbers.at)[i] = i * 7 + 3;
    express_settle(e, (uint32_t *)numbers.at, turned);
    check_columns(e, as_settled);
    free(numbers.at);
}

static long long play(void) {
    uint32_t most = 1 + (uint32_t)draw(LEARNED), meanings = 1 + (uint32_t)draw(8);
    long long passed = 0;
    narrow = !draw(16);
    remaining = draw(4) ? 0 : 1 + (long long)draw(40);
    express *e = express_new(draw(UINT64_MAX), draw(UINT64_MAX), most, 1 + draw(LEARNED * 1000), meanings);
    for (uint32_t meaning = 0; e != NULL && meaning < meanings; meaning++)
        tell_meaning(e, meaning, meanings, (int)draw(STAGES)); /* a meaning is told before its shapes */
    for (uint64_t left = e == NULL ? 0 : 1 + draw(4); left; left--) {
        int anew = draw(2);
        express_begin(e, anew);
        sum = placed = turned = turns_seen = 0, counted = 0;
        for (int i = 0; i < LOGS; i++) put_down[i] = 0;
        for (size_t number = 0; anew && number < known; number++) means[number] = NONE;
        for (uint32_t meaning = 0; meaning < meanings; meaning++) meant[meaning].hour = UNKNOWN;
        for (uint64_t block = 1 + draw(4); block; block--) {
            for (uint64_t lessons = draw(30); lessons; lessons--) teach(e, meanings);
            for (int pieces = 0; pieces < 10; pieces++) skim();
            look_among();
            cite_some();
            text made = some_block();
            walk(e, &made, draw(3) ? made.size + draw(2) : draw(made.size + 1));
            free(made.at);
            check_columns(e, as_it_is);
            if (draw(2)) check_logs(e);
            if (!draw(16)) {
                express_halt(e);
                for (size_t number = 0; number < known; number++)
                    if (logged[number] >> RIDING & 1) means[number] = NONE;
            }
            if (!draw(8)) forget(e);
        }
        settle(e);
        passed += counted;
    }
    if (e != NULL) forget(e), express_free(e);
    HOLDS(held == 0);
    return passed;
}

static void load(const char *path) {
    static char line[1 << 16];
    FILE *file = fopen(path, "rb");
    HOLDS(file != NULL);
    while (lines < LINES && fgets(line, sizeof line, file) != NULL) corpus[lines++] = copy((uint8_t *)line, strlen(line));
    HOLDS(lines > 0);
    fclose(file);
}

int main(int count, char **words) {
    if (count != 4) return 2;
    load(words[1]);
    chance = strtoull(words[2], NULL, 10) * 2 + 1;
    long long passed = 0, rounds = strtoll(words[3], NULL, 10);
    for (long long round = 0; round < rounds; round++) passed += play();
    printf("%lld lines passed in %lld rounds\n", passed, rounds);
    for (size_t number = 0; number < lines; number++) free(corpus[number].at);
    return 0;
}
