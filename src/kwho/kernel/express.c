/* Walks over lines of known shapes and counts those at which nobody need look; express.py says what that means.

   Plain C11 without the Python interpreter: bytes in, numbers out. Nothing here decides what an event means. A line is
   counted when it equals the pieces of a learned line byte by byte, with plain values between them (formats/shape.py),
   and when the caller has said under which number events of this shape count in this hour. All others are handed out.

   Memory: what `express_new` is told, and the columns, which the caller empties. No byte is read beyond the end of a
   line that its newline ends. Functions that allocate say 0 or NULL when there is no room; nothing is half done then. */

#define _GNU_SOURCE /* memmem */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PARTITIONS 64
#define STAGES 4
#define AUDIT_ID 36
#define UUID 16        /* bytes of an audit ID as API servers make them */
#define DIGITS 20      /* of the version of an object: 64 bits */
#define SECOND 20      /* bytes of a time up to and with the point */
#define PIECES 5
#define LONGEST (1 << 20) /* bytes of a line; longer ones are handed out, since the caller bounds records */
#define DEPTH 32       /* of brackets in a body; deeper ones are handed out */
#define TIMES 73       /* bytes of both times and what stands between them, without the last letter */
#define NONE UINT32_MAX
#define CHAIN 32       /* shapes in one bucket; no more are learned there */
#define HINTS 8192     /* places of the table of hints: a power of two */
#define FAR 2048       /* bytes from the beginning of the URI in which a hint looks for its end */
#define AT_ONCE 10000  /* lines that are passed before one is handed out whatever it is */

#define HOUR INT64_C(3600000000)
#define MINUTE INT64_C(60000000)
#define SLOW INT64_C(1000000)

enum { UNKNOWN = -1, END = -2, CROWDED = -3 };        /* instead of the number of a shape */
enum { HAS_VERSION = 1, HAS_REQUEST = 2, HAS_RESPONSE = 4 };
enum { START, NEXT, PASSED, ID, RECEIVED_AT, ANSWERED_AT, MARK, OUTS }; /* what is told of a line that is handed out */

/* A line: constant pieces, and between them audit ID, version of the object, bodies, times. */
typedef struct {
    const uint8_t *line;
    size_t size, id, version, behind, body, after, received; /* where they begin; `behind` and `after`: where they end */
    struct { const uint8_t *at; size_t size; } pieces[PIECES];
    uint64_t secret, hash;
    uint32_t kind; /* what stands in it, a bit for each */
} cut;

typedef struct {
    uint64_t hash;
    size_t text; /* where its pieces begin, one behind the other */
    uint32_t sizes[PIECES], kind, next;
} shape;

typedef struct { int64_t *keys; uint32_t *numbers; uint32_t size, room; int keyed; } column;
typedef struct { int64_t at; uint8_t text[SECOND]; } second;

typedef struct { /* requests that were passed and that rules take note of */
    int64_t *times, *keys, *offsets, *lines;
    uint32_t *shapes, size, room;
    uint8_t (*ids)[UUID];
} log;

typedef struct {
    int64_t hour, noted; /* the hour in which events count, and the time before which somebody must look */
    uint32_t number;     /* under which they count */
    uint8_t stage, timed;
} meaning;

typedef struct {
    uint64_t key[2];
    uint32_t most, known, buckets;
    size_t room, used;
    uint8_t *text;
    shape *shapes;
    uint32_t *bucket;
    uint32_t hints[HINTS]; /* which shape a line was of that began like this one */
    uint32_t *meaning; /* of each shape, as the caller numbers them; NONE for those that must always be looked at */
    int64_t *seed;     /* of the request keys of each shape */
    uint8_t *rides;    /* whether requests of a shape are logged when they are passed */
    log log;
    meaning *meanings;
    uint32_t meant;
    column columns[STAGES * PARTITIONS];
    column minutes; /* those in which events were passed, one after the other */
    second received, answered;
    const uint8_t *data;
    size_t size, position, stop;
    int64_t first, last, silent, offset, number; /* where the data begins, and the number of the line before */
} express;

static const char PREFIX[] = "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"";
static const char *const LEVELS[] = {"Metadata", "Request", "RequestResponse"};
static const char AUDIT[] = "\",\"auditID\":\"";
static const char STAGE[] = "\",\"stage\":\"";
static const char *const STAGE_NAMES[] = {"ResponseComplete", "RequestReceived", "ResponseStarted"};
static const char URI[] = "\",\"requestURI\":\"";
static const char RECEIVED[] = "\"requestReceivedTimestamp\":\"";
static const char VERSION[] = "\"resourceVersion\":\"";
static const char REQUEST[] = ",\"requestObject\":{";
static const char RESPONSE[] = ",\"responseObject\":{";
static const char BETWEEN[] = "Z\",\"stageTimestamp\":\"";

#define LENGTH(text) (sizeof(text) - 1)

static int begins(const uint8_t *text, size_t size, size_t at, const char *piece, size_t length) {
    return size >= at && size - at >= length && memcmp(text + at, piece, length) == 0;
}

/* Where a piece ends that is one of a few, with what must follow it; 0 when there is none. */
static size_t one_of(const cut *c, size_t at, const char *const *names, int count, const char *then, size_t length) {
    for (int i = 0; i < count; i++) {
        size_t name = strlen(names[i]);
        if (begins(c->line, c->size, at, names[i], name) && begins(c->line, c->size, at + name, then, length))
            return at + name + length;
    }
    return 0;
}

static size_t find(const cut *c, size_t from, size_t to, const char *piece, size_t length) {
    const uint8_t *found = memmem(c->line + from, to - from, piece, length);
    return found == NULL ? 0 : (size_t)(found - c->line) + length;
}

#define SPREAD UINT64_C(0x9FB21C651E98DF25)

/* A hash to look shapes up by; they are compared then. Four words at a time keep the processor busy. */
static uint64_t mix(uint64_t hash, const uint8_t *at, size_t size) {
    uint64_t lane[4] = {hash, hash ^ 1, hash ^ 2, hash ^ size}, word[4];
    for (; size >= sizeof word; at += sizeof word, size -= sizeof word) {
        memcpy(word, at, sizeof word);
        for (int i = 0; i < 4; i++) {
            lane[i] = (lane[i] ^ word[i]) * SPREAD;
            lane[i] ^= lane[i] >> 29;
        }
    }
    memset(word, 0, sizeof word);
    memcpy(word, at, size);
    for (int i = 0; i < 4; i++) {
        hash = (hash ^ lane[i] ^ word[i]) * SPREAD;
        hash ^= hash >> 29;
    }
    return hash;
}

/* True for what can stand in a JSON string as it is. */
static int plain(const uint8_t *at, size_t size) {
    int harm = 0;
    for (size_t i = 0; i < size; i++) harm |= (at[i] < 32) | (at[i] > 126) | (at[i] == '"') | (at[i] == '\\');
    return !harm;
}

static int digits(const uint8_t *at, size_t size) {
    int other = 0;
    for (size_t i = 0; i < size; i++) other |= (uint8_t)(at[i] - '0') > 9;
    return !other;
}

/* Where a JSON string ends whose quote is before `at`; 0 for one that is not plain ASCII, or has odd escapes. */
static size_t skip_text(const uint8_t *t, size_t at, size_t size) {
    for (; at < size; at++) {
        if (t[at] == '"') return at + 1;
        if (t[at] < 32 || t[at] > 126) return 0;
        if (t[at] != '\\') continue;
        if (++at == size) return 0;
        if (t[at] == 'u') {
            for (int i = 0; i < 4; i++)
                if (++at == size || !strchr(i ? "0123456789abcdefABCDEF" : "0123456789abcefABCEF", t[at]) || !t[at]) return 0;
        } else if (!t[at] || !strchr("\"\\/bfnrt", t[at])) {
            return 0;
        }
    }
    return 0;
}

static size_t skip_digits(const uint8_t *t, size_t at, size_t size) {
    size_t start = at;
    while (at < size && (uint8_t)(t[at] - '0') <= 9) at++;
    return at > start ? at : 0;
}

static size_t skip_number(const uint8_t *t, size_t at, size_t size) {
    if (at < size && t[at] == '-') at++;
    int zero = at < size && t[at] == '0';
    size_t end = skip_digits(t, at, size);
    if (!end || (zero && end > at + 1)) return 0;
    if (end < size && t[end] == '.') end = skip_digits(t, end + 1, size);
    if (end && end < size && (t[end] == 'e' || t[end] == 'E')) {
        end++;
        if (end < size && (t[end] == '+' || t[end] == '-')) end++;
        end = skip_digits(t, end, size);
    }
    return end;
}

/* Where a JSON value without blanks ends that begins at `at`; 0 for what is none, and for what is deep or not plain. */
static size_t skip_value(const uint8_t *t, size_t at, size_t size, int depth) {
    static const char *const words[] = {"true", "false", "null"};
    if (at >= size || depth > DEPTH) return 0;
    if (t[at] == '"') return skip_text(t, at + 1, size);
    if (t[at] != '{' && t[at] != '[') {
        for (int i = 0; i < 3; i++)
            if (begins(t, size, at, words[i], strlen(words[i]))) return at + strlen(words[i]);
        return skip_number(t, at, size);
    }
    int named = t[at] == '{';
    uint8_t close = named ? '}' : ']';
    if (++at < size && t[at] == close) return at + 1;
    for (;; at++) {
        if (named) {
            if (at >= size || t[at] != '"' || !(at = skip_text(t, at + 1, size)) || at >= size || t[at++] != ':') return 0;
        }
        if (!(at = skip_value(t, at, size, depth + 1)) || at >= size) return 0;
        if (t[at] == close) return at + 1;
        if (t[at] != ',') return 0;
    }
}

/* Finds the bodies of an event, which end where the times begin. 0 when there is something else. */
static int find_bodies(cut *c, size_t from) {
    size_t end = c->received - LENGTH(RECEIVED), to = end;
    size_t request = find(c, from, to, REQUEST, LENGTH(REQUEST)), response = 0;
    if (request) {
        c->kind |= HAS_REQUEST;
        c->body = request - LENGTH(REQUEST);
        to = skip_value(c->line, request - 1, end, 0);
        if (!to) return 0;
        response = begins(c->line, end, to, RESPONSE, LENGTH(RESPONSE)) ? to + LENGTH(RESPONSE) : 0;
    } else if ((response = find(c, from, to, RESPONSE, LENGTH(RESPONSE)))) {
        c->body = response - LENGTH(RESPONSE);
    }
    if (response) {
        c->kind |= HAS_RESPONSE;
        to = skip_value(c->line, response - 1, end, 0);
    }
    c->after = c->kind & (HAS_REQUEST | HAS_RESPONSE) ? to : 0;
    return !c->body || (c->after && c->after + 1 == end && c->line[c->after] == ',');
}

/* Where the values of a line stand. 0 when it is not built like those that are learned. */
static int take_apart(cut *c) {
    if (c->size > LONGEST || !begins(c->line, c->size, 0, PREFIX, LENGTH(PREFIX))) return 0;
    c->id = one_of(c, LENGTH(PREFIX), LEVELS, 3, AUDIT, LENGTH(AUDIT));
    if (!c->id || !begins(c->line, c->size, c->id + AUDIT_ID, STAGE, LENGTH(STAGE))) return 0;
    size_t uri = one_of(c, c->id + AUDIT_ID + LENGTH(STAGE), STAGE_NAMES, 3, URI, LENGTH(URI));
    const uint8_t *close = uri ? memchr(c->line + uri, '"', c->size - uri) : NULL;
    if (close == NULL || !plain(c->line + c->id, AUDIT_ID)) return 0;
    size_t closed = (size_t)(close - c->line);
    c->received = find(c, closed, c->size, RECEIVED, LENGTH(RECEIVED));
    if (!c->received || c->size - c->received <= TIMES) return 0;
    if (!begins(c->line, c->size, c->received + SECOND + 6, BETWEEN, LENGTH(BETWEEN))) return 0;
    if (c->line[LENGTH(PREFIX)] != 'M' && !find_bodies(c, closed)) return 0;
    size_t end = c->body ? c->body : c->received;
    c->version = find(c, closed, end, VERSION, LENGTH(VERSION));
    if (c->version) {
        c->kind |= HAS_VERSION;
        c->behind = skip_digits(c->line, c->version, end);
        if (!c->behind || c->behind - c->version > DIGITS || c->line[c->behind] != '"') return 0;
    }
    const size_t bounds[PIECES][2] = {
        {0, c->id},
        {c->id + AUDIT_ID, c->version ? c->version : end},
        {c->behind, c->version ? end : 0},
        {c->after, c->body ? c->received : 0},
        {c->received + TIMES, c->size},
    };
    c->hash = c->secret + c->kind;
    for (int i = 0; i < PIECES; i++) {
        c->pieces[i].at = c->line + bounds[i][0];
        c->pieces[i].size = bounds[i][1] - bounds[i][0];
        c->hash = mix(c->hash, c->pieces[i].at, c->pieces[i].size);
    }
    return 1;
}

/* Microseconds of a time like 2026-03-17T06:00:00.018751 since 1970; -1 for what is none or not to be believed. */
static int64_t moment(const uint8_t *at, second *known) {
    if (!digits(at + SECOND, 6)) return -1;
    if (memcmp(at, known->text, SECOND) != 0) {
        static const uint8_t months[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        static const char form[] = "0000-00-00T00:00:00.";
        int number[6] = {0}, n = 0;
        for (int i = 0; i < SECOND; i++) {
            if (form[i] != '0') {
                if (at[i] != (uint8_t)form[i]) return -1;
                n++;
            } else if ((uint8_t)(at[i] - '0') > 9) {
                return -1;
            } else {
                number[n] = 10 * number[n] + at[i] - '0';
            }
        }
        int64_t year = number[0], month = number[1], day = number[2];
        int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        if (year < 2014 || year > 2099 || month < 1 || month > 12 || day < 1) return -1;
        if (day > months[month - 1] + (month == 2 && leap)) return -1;
        if (number[3] > 23 || number[4] > 59 || number[5] > 59) return -1;
        int64_t days = (year - 1970) * 365 + (year - 1969) / 4 + day - 1 + (month > 2 && leap);
        for (int64_t m = 1; m < month; m++) days += months[m - 1];
        known->at = (((days * 24 + number[3]) * 60 + number[4]) * 60 + number[5]) * 1000000;
        memcpy(known->text, at, SECOND);
    }
    int64_t fraction = 0;
    for (int i = SECOND; i < SECOND + 6; i++) fraction = 10 * fraction + at[i] - '0';
    return known->at + fraction;
}

/* SipHash-1-3 of an audit ID and a time of receipt. */
#define ROTATE(x, b) (((x) << (b)) | ((x) >> (64 - (b))))
#define ROUND                                                                                                         \
    do {                                                                                                              \
        v0 += v1; v1 = ROTATE(v1, 13); v1 ^= v0; v0 = ROTATE(v0, 32);                                                  \
        v2 += v3; v3 = ROTATE(v3, 16); v3 ^= v2;                                                                       \
        v0 += v3; v3 = ROTATE(v3, 21); v3 ^= v0;                                                                       \
        v2 += v1; v1 = ROTATE(v1, 17); v1 ^= v2; v2 = ROTATE(v2, 32);                                                  \
    } while (0)
#define ABSORB(word) do { uint64_t w = (word); v3 ^= w; ROUND; v0 ^= w; } while (0)

static int64_t mark_of(const uint64_t key[2], const uint8_t *id, size_t ids, const uint8_t *time, size_t times) {
    uint64_t v0 = key[0] ^ UINT64_C(0x736f6d6570736575), v1 = key[1] ^ UINT64_C(0x646f72616e646f6d);
    uint64_t v2 = key[0] ^ UINT64_C(0x6c7967656e657261), v3 = key[1] ^ UINT64_C(0x7465646279746573);
    const uint8_t *parts[] = {id, time};
    const size_t sizes[] = {ids, times};
    for (int part = 0; part < 2; part++) { /* each part padded with zeros to words, then its length */
        uint64_t word;
        size_t at = 0;
        for (; sizes[part] - at >= 8; at += 8) {
            memcpy(&word, parts[part] + at, 8);
            ABSORB(word);
        }
        word = 0;
        memcpy(&word, parts[part] + at, sizes[part] - at);
        ABSORB(word);
        ABSORB((uint64_t)sizes[part]);
    }
    v2 ^= 0xff;
    ROUND; ROUND; ROUND;
    return (int64_t)(v0 ^ v1 ^ v2 ^ v3);
}

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
    if (s->kind & HAS_VERSION) {
        c->version = at, c->behind = at = skip_digits(c->line, at, c->size);
        if (!at || at - c->version > DIGITS || !follows(c, &at, &text, s->sizes[2])) return 0;
    }
    if (s->kind & HAS_REQUEST) {
        if (!begins(c->line, c->size, at, REQUEST, LENGTH(REQUEST))) return 0;
        if (!(at = skip_value(c->line, at + LENGTH(REQUEST) - 1, c->size, 0))) return 0;
    }
    if (s->kind & HAS_RESPONSE) {
        if (!begins(c->line, c->size, at, RESPONSE, LENGTH(RESPONSE))) return 0;
        if (!(at = skip_value(c->line, at + LENGTH(RESPONSE) - 1, c->size, 0))) return 0;
    }
    if (!follows(c, &at, &text, s->sizes[3]) || c->size - at < TIMES) return 0;
    if (!begins(c->line, c->size, at + SECOND + 6, BETWEEN, LENGTH(BETWEEN))) return 0;
    if (memchr(c->line + at, '\n', TIMES) != NULL) return 0;
    c->received = at, at += TIMES;
    if (!follows(c, &at, &text, s->sizes[4])) return 0;
    c->size = at;
    return 1;
}

/* The shape of the line that begins here, with its values and its end; NONE when none is known, or no line ends.

   The shape of the last line with the same bytes around the end of the URI is tried first. */
static uint32_t recognise(express *e, cut *c, const uint8_t *end) {
    uint64_t window[6];
    const uint8_t *uri = c->line + LENGTH(PREFIX) + LENGTH(AUDIT) + AUDIT_ID + LENGTH(STAGE) + LENGTH(URI) + 26;
    const uint8_t *close = end - uri > FAR ? memchr(uri, '"', FAR - sizeof window) : NULL;
    uint32_t *hint = NULL;
    if (close != NULL) {
        memcpy(window, close - sizeof window / 2, sizeof window);
        uint64_t hash = mix(e->key[0], (const uint8_t *)window, sizeof window);
        hint = &e->hints[hash % HINTS];
        c->size = end - c->line < LONGEST ? (size_t)(end - c->line) : LONGEST;
        if (*hint < e->known && is_like(e, &e->shapes[*hint], c)) return *hint;
    }
    const uint8_t *newline = memchr(c->line, '\n', (size_t)(end - c->line));
    *c = (cut){.line = c->line, .size = newline == NULL ? 0 : (size_t)(newline - c->line) + 1, .secret = e->key[0]};
    uint32_t known = c->size && take_apart(c) ? look_up(e, c) : NONE;
    if (known != NONE && hint != NULL) *hint = known;
    return known;
}

static int widen(void **at, size_t room, size_t each) {
    void *wider = room <= NONE ? realloc(*at, room * each) : NULL;
    if (wider != NULL) *at = wider;
    return wider != NULL;
}

/* Makes room for one more entry. */
static int extend(column *c) {
    if (c->size < c->room) return 1;
    size_t room = c->room ? (size_t)c->room * 2 : 64;
    if (!widen((void **)&c->numbers, room, sizeof *c->numbers)) return 0;
    if (c->keyed && !widen((void **)&c->keys, room, sizeof *c->keys)) return 0;
    c->room = (uint32_t)room;
    return 1;
}

static int make_room(log *l) {
    if (l->size < l->room) return 1;
    size_t room = l->room ? (size_t)l->room * 2 : 64;
    if (!widen((void **)&l->times, room, sizeof *l->times) || !widen((void **)&l->keys, room, sizeof *l->keys) ||
        !widen((void **)&l->offsets, room, sizeof *l->offsets) || !widen((void **)&l->lines, room, sizeof *l->lines) ||
        !widen((void **)&l->shapes, room, sizeof *l->shapes) || !widen((void **)&l->ids, room, sizeof *l->ids))
        return 0;
    l->room = (uint32_t)room;
    return 1;
}

/* Packs a UUID as API servers write it, in small letters; 0 for anything that could not be given back as it was. */
static int pack(const uint8_t *text, uint8_t id[UUID]) {
    for (int i = 0, at = 0; i < UUID; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            if (text[at++] != '-') return 0;
        for (int half = 0; half < 2; half++, at++) {
            uint8_t digit = (uint8_t)(text[at] - '0'), letter = (uint8_t)(text[at] - 'a');
            if (digit > 9 && letter > 5) return 0;
            id[i] = (uint8_t)(id[i] << 4 | (digit <= 9 ? digit : letter + 10));
        }
    }
    return 1;
}

/* True when a line was counted; else somebody must look at it. */
static int pass(express *e, const cut *c, uint32_t known, int64_t received, int64_t answered, int64_t mark) {
    meaning *m = e->meaning[known] == NONE ? NULL : &e->meanings[e->meaning[known]];
    if (m == NULL || received / HOUR != m->hour || answered - received <= -SLOW) return 0;
    if (m->timed && answered - received >= SLOW) return 0;
    if (received < m->noted) {
        m->noted = received;
        return 0;
    }
    int64_t key = e->seed[known] ^ mark;
    column *to = &e->columns[m->stage * PARTITIONS + (key & (PARTITIONS - 1))], *minutes = &e->minutes;
    log *l = &e->log;
    if (!extend(to) || !extend(minutes) || (e->rides[known] && !(make_room(l) && pack(c->line + c->id, l->ids[l->size]))))
        return 0;
    if (e->rides[known]) {
        l->times[l->size] = received, l->keys[l->size] = key, l->shapes[l->size] = known;
        l->offsets[l->size] = e->offset + (c->line - e->data), l->lines[l->size++] = e->number;
    }
    to->keys[to->size] = key;
    to->numbers[to->size++] = m->number;
    uint32_t minute = (uint32_t)(received / MINUTE);
    if (!minutes->size || minutes->numbers[minutes->size - 1] != minute) minutes->numbers[minutes->size++] = minute;
    if (received < e->first) e->first = received;
    if (received > e->last) e->last = received;
    return 1;
}

/* Forgets all shapes. */
void express_forget(express *e) {
    e->known = 0, e->used = 0;
    for (uint32_t i = 0; i < HINTS; i++) e->hints[i] = NONE;
    for (uint32_t i = 0; i < e->buckets; i++) e->bucket[i] = NONE;
}

/* Empties the columns, and forgets what was told of shapes. */
void express_begin(express *e) {
    for (int i = 0; i < STAGES * PARTITIONS; i++) e->columns[i].size = 0;
    e->minutes.size = e->log.size = 0;
    for (uint32_t i = 0; i < e->most; i++) e->meaning[i] = NONE;
    e->silent = 0, e->first = INT64_MAX, e->last = INT64_MIN;
}

void express_free(express *e) {
    if (e == NULL) return;
    for (int i = 0; i < STAGES * PARTITIONS; i++) free(e->columns[i].keys), free(e->columns[i].numbers);
    free(e->minutes.numbers), free(e->text), free(e->shapes), free(e->bucket), free(e->meaning), free(e->seed);
    free(e->log.times), free(e->log.keys), free(e->log.offsets), free(e->log.lines), free(e->log.shapes), free(e->log.ids);
    free(e->rides), free(e->meanings), free(e);
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
    e->rides = malloc(most);
    e->meanings = calloc(meanings, sizeof *e->meanings);
    for (int i = 0; i < STAGES * PARTITIONS; i++) e->columns[i].keyed = 1;
    e->received.text[0] = e->answered.text[0] = '?'; /* like no time */
    if (!e->text || !e->shapes || !e->bucket || !e->meaning || !e->seed || !e->rides ||
        !e->meanings) {
        express_free(e);
        return NULL;
    }
    express_forget(e);
    express_begin(e);
    return e;
}

/* Where the values of a line begin and end: audit ID, version of the object, bodies (0 for what is not there), times.

   What stands in it, as bits; -1 for a line of another kind. */
int express_cut(const uint8_t *line, uint64_t size, int64_t cuts[6]) {
    cut c = {.line = line, .size = size};
    if (!take_apart(&c)) return -1;
    cuts[0] = (int64_t)c.id, cuts[1] = (int64_t)c.version, cuts[2] = (int64_t)c.behind;
    cuts[3] = (int64_t)c.body, cuts[4] = (int64_t)c.after, cuts[5] = (int64_t)c.received;
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
    e->meaning[e->known] = NONE, e->rides[e->known] = 0;
    return *bucket = e->known++;
}

/* Says that events of a shape count as those of a meaning do, and whether they are logged. */
void express_shape(express *e, uint32_t number, uint32_t means, int64_t seed, int rides) {
    if (number < e->known && means < e->meant)
        e->meaning[number] = means, e->seed[number] = seed, e->rides[number] = (uint8_t)rides;
}

/* Lets nobody ride any more: lines of shapes that did are handed out. */
void express_halt(express *e) {
    for (uint32_t i = 0; i < e->known; i++)
        if (e->rides[i]) e->meaning[i] = NONE;
}

/* Says how events of a meaning count from now on. */
void express_meaning(express *e, uint32_t number, int64_t hour, int64_t noted, uint32_t under, int stage, int timed) {
    if (number < e->meant && 0 <= stage && stage < STAGES)
        e->meanings[number] = (meaning){hour, noted, under, (uint8_t)stage, (uint8_t)timed};
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
            mark = mark_of(e->key, line + c.id, AUDIT_ID, line + c.received, SECOND + 7);
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

/* What was passed since `express_begin`: the keys and numbers of a column, stage by stage and partition by partition. */
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

/* What was logged since the log was emptied, by column; empties it. What is told holds until the next walk. */
uint32_t express_log(express *e, const void *columns[6]) {
    const void *found[] = {e->log.times, e->log.keys, e->log.offsets, e->log.lines, e->log.shapes, e->log.ids};
    memcpy(columns, found, sizeof found);
    uint32_t size = e->log.size;
    e->log.size = 0;
    return size;
}

/* The keyed hash of an audit ID and a time of receipt that request keys are made of. */
int64_t express_mark(const express *e, const uint8_t *id, uint64_t ids, const uint8_t *time, uint64_t times) {
    return mark_of(e->key, id, ids, time, times);
}
