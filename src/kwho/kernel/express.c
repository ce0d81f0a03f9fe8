/* Walks over lines of known shapes and counts those at which nobody need look; express.py says what that means.

   Plain C11 without the Python interpreter: bytes in, numbers out. Nothing here decides what an event means. A line is
   counted when it equals the pieces of a learned line byte by byte, with plain values between them (formats/shape.py),
   and when the caller has said of which meaning events of this shape are. All others are handed out. The events of one
   meaning count apart for each hour: when one of another hour comes, its meaning takes a turn, under a new number.

   Memory: what `express_new` is told, and the columns, which the caller empties. No byte is read beyond the end of a
   line that its newline ends. Functions that allocate say 0 or NULL when there is no room; nothing is half done then. */

#define _GNU_SOURCE /* memmem */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "express_keys.h"
#include "express_line.h"

#include "express_cite.h"
#include "express_columns.h"

#define PARTITIONS 64
#define STAGES 4
#define NONE UINT32_MAX
#define CHAIN 32       /* shapes in one bucket; no more are learned there */
#define HINTS 2048     /* rows of the table of hints: a power of two */
#define WAYS 4         /* shapes in a row of hints */
#define BEFORE 24      /* bytes before the end of the URI by which a hint is found */
#define WINDOW 96      /* bytes by which it is found, the rest behind it: verb and user */
#define FAR 2048       /* bytes from the beginning of the URI in which a hint looks for its end */
#define AT_ONCE 10000  /* lines that are passed before one is handed out whatever it is */

#define HOUR INT64_C(3600000000)
#define MINUTE INT64_C(60000000)
#define SLOW INT64_C(1000000)

enum { RIDING, TELLING, LOGS }; /* requests that rules take note of, and those that tell something else */
enum { UNKNOWN = -1, END = -2, CROWDED = -3 };        /* instead of the number of a shape */
enum { START, NEXT, PASSED, ID, RECEIVED_AT, ANSWERED_AT, MARK, OUTS }; /* what is told of a line that is handed out */

typedef struct {
    uint64_t hash;
    size_t text; /* where its pieces begin, one behind the other */
    uint32_t sizes[PIECES], kind, next;
} shape;

typedef struct {
    int64_t hour, noted; /* the hour in which events count, and the time before which one is logged */
    uint32_t turn;
    uint8_t stage, timed, watched;
} meaning;

typedef struct {
    uint64_t key[2];
    uint32_t most, known, buckets;
    size_t room, used;
    uint8_t *text;
    shape *shapes;
    uint32_t *bucket;
    uint32_t hints[HINTS][WAYS]; /* of which shapes lines were that began like this one, the last first */
    uint32_t *meaning; /* of each shape, as the caller numbers them; NONE for those that must always be looked at */
    int64_t *seed;     /* of the request keys of each shape */
    uint8_t *logged;   /* in which logs requests of a shape are put down when they are passed, a bit for each */
    log logs[LOGS];
    meaning *meanings;
    uint32_t meant;
    column columns[STAGES * PARTITIONS];
    column minutes; /* those in which events were passed, one after the other */
    column turns;   /* in `keys` the hour, in `numbers` the meaning */
    column counts;  /* how many events each turn has */
    second received, answered;
    const uint8_t *data;
    size_t size, position, stop;
    int64_t first, last, silent, offset, number; /* where the data begins, and the number of the line before */
} express;

static int same(const express *e, const shape *s, const cut *c) {
    const uint8_t *text = e->text + s->text;
    if (s->hash != c->hash || s->kind != c->kind) return 0;
    for (int i = 0; i < PIECES; text += s->sizes[i++])
        if (s->sizes[i] != c->pieces[i].size || memcmp(text, c->pieces[i].at, s->sizes[i]) != 0) return 0;
    return 1;
}

static uint32_t look_up(const express *e, const cut *c) {
    uint32_t number = e->bucket[c->hash % e->buckets];
    while (number != NONE && !same(e, &e->shapes[number], c)) number = e->shapes[number].next;
    return number;
}

/* Compares a piece of a shape with what stands at `*at`, and goes behind it. */
static int follows(const cut *c, size_t *at, const uint8_t **text, uint32_t size) {
    if (!begins(c->line, c->size, *at, (const char *)*text, size)) return 0;
    *at += size, *text += size;
    return 1;
}

/* True when a line is of a shape; finds where it ends and its values, as `take_apart` does, without a search. */
static int is_like(const express *e, const shape *s, cut *c) {
    const uint8_t *text = e->text + s->text;
    size_t at = 0;
    c->kind = s->kind, c->id = s->sizes[0];
    if (!follows(c, &at, &text, s->sizes[0]) || c->size - at < AUDIT_ID || !plain(c->line + at, AUDIT_ID)) return 0;
    at += AUDIT_ID;
    if (!follows(c, &at, &text, s->sizes[1])) return 0;
    if (s->kind & HAS_QUERY) {
        uint8_t query[QUERY];
        size_t length;
        c->query = at, c->closed = at = skip_query(c->line, at, c->size, query, &length);
        if (!at || !follows(c, &at, &text, s->sizes[2])) return 0;
    }
    if (s->kind & HAS_VERSION) {
        c->version = at, c->behind = at = skip_digits(c->line, at, c->size);
        if (!at || at - c->version > DIGITS || !follows(c, &at, &text, s->sizes[3])) return 0;
    }
    if (s->kind & HAS_REQUEST) {
        if (!begins(c->line, c->size, at, REQUEST, LENGTH(REQUEST))) return 0;
        if (!(at = skip_value(c->line, at + LENGTH(REQUEST) - 1, c->size, 0))) return 0;
    }
    if (s->kind & HAS_RESPONSE) {
        if (!begins(c->line, c->size, at, RESPONSE, LENGTH(RESPONSE))) return 0;
        if (!(at = skip_value(c->line, at + LENGTH(RESPONSE) - 1, c->size, 0))) return 0;
    }
    if (!follows(c, &at, &text, s->sizes[4]) || c->size - at < TIMES) return 0;
    if (!begins(c->line, c->size, at + SECOND + 6, BETWEEN, LENGTH(BETWEEN))) return 0;
    if (memchr(c->line + at, '\n', TIMES) != NULL) return 0;
    c->received = at, at += TIMES;
    if (!follows(c, &at, &text, s->sizes[5])) return 0;
    c->size = at;
    return 1;
}

/* Puts the shape of the last line first among `ways`. */
static void promote(uint32_t *hints, int ways, uint32_t number) {
    while (--ways > 0) hints[ways] = hints[ways - 1];
    hints[0] = number;
}

/* The shape of the line that begins here, with its values and its end; NONE when none is known, or no line ends.

   The shapes of the last lines with the same bytes around the end of the URI are tried first. */
static uint32_t recognise(express *e, cut *c, const uint8_t *end) {
    const uint8_t *uri = c->line + LENGTH(PREFIX) + LENGTH(AUDIT) + AUDIT_ID + LENGTH(STAGE) + LENGTH(URI) + 26;
    const uint8_t *close = end - uri > FAR ? memchr(uri, '"', FAR - WINDOW) : NULL;
    uint32_t *hints = NULL;
    if (close != NULL) {
        hints = e->hints[mix(e->key[0], close - BEFORE, WINDOW) % HINTS];
        c->size = end - c->line < LONGEST ? (size_t)(end - c->line) : LONGEST;
        for (int way = 0; way < WAYS && hints[way] < e->known; way++) {
            uint32_t number = hints[way];
            if (!is_like(e, &e->shapes[number], c)) continue;
            promote(hints, way + 1, number);
            return number;
        }
    }
    const uint8_t *newline = memchr(c->line, '\n', (size_t)(end - c->line));
    *c = (cut){.line = c->line, .size = newline == NULL ? 0 : (size_t)(newline - c->line) + 1, .secret = e->key[0]};
    uint32_t known = c->size && take_apart(c) ? look_up(e, c) : NONE;
    if (known != NONE && hints != NULL) promote(hints, WAYS, known);
    return known;
}

/* True when a line was counted; else somebody must look at it. */
static int pass(express *e, const cut *c, uint32_t known, int64_t received, int64_t answered, int64_t mark) {
    meaning *m = e->meaning[known] == NONE ? NULL : &e->meanings[e->meaning[known]];
    if (m == NULL || answered - received <= -SLOW || (m->timed && answered - received >= SLOW)) return 0;
    int64_t hour = received / HOUR, key = e->seed[known] ^ mark;
    int turns = hour != m->hour;
    int64_t before = !turns ? m->noted : m->watched ? INT64_MAX : INT64_MIN;
    int tells = received < before;
    unsigned into = e->logged[known] | (unsigned)tells << TELLING;
    column *to = &e->columns[m->stage * PARTITIONS + (key & (PARTITIONS - 1))], *minutes = &e->minutes;
    entry found = {received, key, e->offset + (c->line - e->data), e->number, known, {0}};
    if (!extend(to) || !extend(minutes) || !extend(&e->turns) || !extend(&e->counts)) return 0;
    if (into && !pack(c->line + c->id, found.id)) return 0;
    for (unsigned i = 0; i < LOGS; i++)
        if (into >> i & 1 && !make_room(&e->logs[i])) return 0;
    for (unsigned i = 0; i < LOGS; i++)
        if (into >> i & 1) enter(&e->logs[i], &found);
    if (turns) {
        m->hour = hour, m->noted = before, m->turn = e->turns.size;
        e->counts.numbers[e->counts.size++] = 0;
        e->turns.keys[e->turns.size] = hour, e->turns.numbers[e->turns.size++] = e->meaning[known];
    }
    if (tells) m->noted = received;
    to->keys[to->size] = key;
    to->numbers[to->size++] = m->turn;
    e->counts.numbers[m->turn]++;
    uint32_t minute = (uint32_t)(received / MINUTE);
    if (!minutes->size || minutes->numbers[minutes->size - 1] != minute) minutes->numbers[minutes->size++] = minute;
    if (received < e->first) e->first = received;
    if (received > e->last) e->last = received;
    return 1;
}

/* Forgets all shapes. */
void express_forget(express *e) {
    e->known = 0, e->used = 0;
    for (uint32_t i = 0; i < HINTS; i++)
        for (int way = 0; way < WAYS; way++) e->hints[i][way] = NONE;
    for (uint32_t i = 0; i < e->buckets; i++) e->bucket[i] = NONE;
}

/* Empties the columns, and lets each meaning take a turn; with `anew`, forgets what was told of shapes. */
void express_begin(express *e, int anew) {
    for (int i = 0; i < STAGES * PARTITIONS; i++) e->columns[i].size = 0;
    for (int i = 0; i < LOGS; i++) e->logs[i].size = 0;
    e->minutes.size = e->turns.size = e->counts.size = 0;
    for (uint32_t i = 0; i < e->meant; i++) e->meanings[i].hour = INT64_MIN;
    for (uint32_t i = 0; anew && i < e->most; i++) e->meaning[i] = NONE;
    e->silent = 0, e->first = INT64_MAX, e->last = INT64_MIN;
}

void express_free(express *e) {
    if (e == NULL) return;
    for (int i = 0; i < STAGES * PARTITIONS; i++) clear(&e->columns[i]);
    for (int i = 0; i < LOGS; i++) wipe(&e->logs[i]);
    clear(&e->minutes), clear(&e->turns), clear(&e->counts);
    free(e->text), free(e->shapes), free(e->bucket), free(e->meaning), free(e->seed), free(e->logged), free(e->meanings);
    free(e);
}

/* A walker that knows up to `most` shapes of lines of `room` bytes in all, and as many meanings as it is told.

   The key is a secret: nobody must be able to make two requests that count as one. */
express *express_new(uint64_t key0, uint64_t key1, uint32_t most, uint64_t room, uint32_t meanings) {
    express *e = calloc(1, sizeof *e);
    if (e == NULL) return NULL;
    e->key[0] = key0, e->key[1] = key1, e->most = most, e->room = room, e->buckets = most * 2 + 1, e->meant = meanings;
    e->text = malloc(room);
    e->shapes = malloc(most * sizeof *e->shapes);
    e->bucket = malloc(e->buckets * sizeof *e->bucket);
    e->meaning = malloc(most * sizeof *e->meaning);
    e->seed = malloc(most * sizeof *e->seed);
    e->logged = malloc(most);
    e->meanings = calloc(meanings, sizeof *e->meanings);
    for (int i = 0; i < STAGES * PARTITIONS; i++) e->columns[i].keyed = 1;
    e->turns.keyed = 1;
    e->received.text[0] = e->answered.text[0] = '?'; /* like no time */
    if (!e->text || !e->shapes || !e->bucket || !e->meaning || !e->seed || !e->logged || !e->meanings) {
        express_free(e);
        return NULL;
    }
    express_forget(e);
    express_begin(e, 1);
    return e;
}

/* Where the values of a line begin and end: audit ID, query, version of the object, bodies (0 for what is not there), times.

   What stands in it, as bits; -1 for a line of another kind. */
int express_cut(const uint8_t *line, uint64_t size, int64_t cuts[8]) {
    cut c = {.line = line, .size = size};
    if (!take_apart(&c)) return -1;
    const size_t found[8] = {c.id, c.query, c.query ? c.closed : 0, c.version, c.behind, c.body, c.after, c.received};
    for (int i = 0; i < 8; i++) cuts[i] = (int64_t)found[i];
    return (int)c.kind;
}

/* The number of the shape of a line, learned when it is new; `UNKNOWN` when there is no room for it, `CROWDED` when too many
   shapes share its bucket: whoever brings that about must not make all others be forgotten. */
int64_t express_learn(express *e, const uint8_t *line, uint64_t size) {
    cut c = {.line = line, .size = size, .secret = e->key[0]};
    if (memchr(line, '\n', size) != line + size - 1 || !take_apart(&c)) return UNKNOWN; /* nothing else ends a line */
    uint32_t number = look_up(e, &c), *bucket = &e->bucket[c.hash % e->buckets], length = 0;
    if (number != NONE) return number;
    for (number = *bucket; number != NONE; number = e->shapes[number].next) length++;
    size_t room = 0;
    for (int i = 0; i < PIECES; i++) room += c.pieces[i].size;
    if (length >= CHAIN) return CROWDED;
    if (e->known == e->most || e->room - e->used < room) return UNKNOWN;
    shape *s = &e->shapes[e->known];
    *s = (shape){.hash = c.hash, .text = e->used, .kind = c.kind, .next = *bucket};
    for (int i = 0; i < PIECES; i++) {
        s->sizes[i] = (uint32_t)c.pieces[i].size;
        memcpy(e->text + e->used, c.pieces[i].at, c.pieces[i].size);
        e->used += c.pieces[i].size;
    }
    e->meaning[e->known] = NONE, e->logged[e->known] = 0;
    return *bucket = e->known++;
}

/* Says of which meaning events of a shape are, and in which logs they are put down. */
void express_shape(express *e, uint32_t number, uint32_t means, int64_t seed, int logged) {
    if (number < e->known && means < e->meant)
        e->meaning[number] = means, e->seed[number] = seed, e->logged[number] = (uint8_t)(logged & ((1 << LOGS) - 1));
}

/* Lets nobody ride any more: lines of shapes that did are handed out. */
void express_halt(express *e) {
    for (uint32_t i = 0; i < e->known; i++)
        if (e->logged[i] >> RIDING & 1) e->meaning[i] = NONE;
}

/* Says of a meaning at which stage its events are, whether the time to their answer tells something, and whether the
   first of an hour, and any that was received before it, is to be logged among those that tell something. */
void express_meaning(express *e, uint32_t number, int stage, int timed, int watched) {
    if (number < e->meant && 0 <= stage && stage < STAGES)
        e->meanings[number] = (meaning){INT64_MIN, INT64_MIN, 0, (uint8_t)stage, timed != 0, watched != 0};
}

/* Says through which bytes to walk: lines that begin before `stop`; the first begins at `offset`, after `number` lines.

   The caller keeps the bytes until the walk is over. */
void express_open(express *e, const uint8_t *data, uint64_t size, uint64_t stop, int64_t offset, int64_t number) {
    e->data = data, e->size = size, e->position = 0, e->stop = stop < size ? stop : size;
    e->offset = offset, e->number = number;
}

/* Walks on to the next line at which somebody must look: the number of its shape, or `UNKNOWN`.

   `END` when no whole line is left. `out` tells where that line (or what is left) begins and ends, and how many lines
   were passed on the way; with a shape, also where in the line the audit ID begins, both times, and the mark. */
int64_t express_next(express *e, int64_t out[OUTS]) {
    int64_t passed = 0;
    while (e->position < e->stop) {
        const uint8_t *line = e->data + e->position;
        cut c = {.line = line};
        uint32_t known = recognise(e, &c, e->data + e->size);
        if (!c.size) break;
        int64_t received = -1, answered = -1;
        if (known != NONE) {
            received = moment(line + c.received, &e->received);
            answered = moment(line + c.received + TIMES - SECOND - 6, &e->answered);
        }
        out[START] = (int64_t)e->position;
        e->position += c.size, e->number++;
        int64_t mark = 0;
        if (received < 0 || answered < 0) {
            known = NONE;
        } else {
            mark = own_mark(e->key, &c);
            if (e->silent < AT_ONCE && pass(e, &c, known, received, answered, mark)) {
                e->silent++, passed++;
                continue;
            }
        }
        e->silent = 0;
        out[NEXT] = (int64_t)e->position, out[PASSED] = passed, out[ID] = (int64_t)c.id;
        out[RECEIVED_AT] = received, out[ANSWERED_AT] = answered, out[MARK] = mark;
        return known == NONE ? UNKNOWN : (int64_t)known;
    }
    out[START] = out[NEXT] = (int64_t)e->position, out[PASSED] = passed;
    return END;
}

/* The turns since `express_begin`: which meaning took each, for which hour, and for how many events. */
uint32_t express_turns(const express *e, const uint32_t **meanings, const int64_t **hours, const uint32_t **counts) {
    *meanings = e->turns.numbers, *hours = e->turns.keys, *counts = e->counts.numbers;
    return e->turns.size;
}

/* Says which number each turn counts under from now on, once all is passed. */
void express_settle(express *e, const uint32_t *numbers, uint64_t size) {
    for (int i = 0; i < STAGES * PARTITIONS; i++)
        for (uint32_t *at = e->columns[i].numbers, *end = at + e->columns[i].size; at < end; at++)
            *at = *at < size ? numbers[*at] : NONE;
}

/* What was passed since `express_begin`, stage by stage and partition by partition: the keys and numbers of a column. */
uint32_t express_column(const express *e, uint32_t number, const int64_t **keys, const uint32_t **numbers) {
    if (number >= STAGES * PARTITIONS) return 0;
    *keys = e->columns[number].keys, *numbers = e->columns[number].numbers;
    return e->columns[number].size;
}

/* The minutes since 1970 in which events were passed, some of them several times, and the first and last time. */
uint32_t express_minutes(const express *e, const uint32_t **minutes, int64_t span[2]) {
    *minutes = e->minutes.numbers, span[0] = e->first, span[1] = e->last;
    return e->minutes.size;
}

/* What is in a log since it was emptied, by column; empties it. What is told holds until the next walk. */
uint32_t express_log(express *e, uint32_t which, const void *columns[6]) {
    if (which >= LOGS) return 0;
    log *l = &e->logs[which];
    const void *found[] = {l->times, l->keys, l->offsets, l->lines, l->shapes, l->ids};
    memcpy(columns, found, sizeof found);
    uint32_t size = l->size;
    l->size = 0;
    return size;
}

/* The keyed hash of an audit ID and a time of receipt that request keys are made of. */
int64_t express_mark(const express *e, const uint8_t *id, uint64_t ids, const uint8_t *time, uint64_t times) {
    return mark_of(e->key, id, ids, time, times);
}
