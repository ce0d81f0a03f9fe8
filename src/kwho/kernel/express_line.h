/* One line of a native log: where its values stand, and what they say. Included by express.c alone.

   A line is taken for a row of constant pieces, as the API server writes them, with values between. Nothing is guessed:
   what is not built like this is not taken apart. No byte is read beyond the end that is given. Needs `memmem`. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define AUDIT_ID 36
#define UUID 16        /* bytes of an audit ID as API servers make them */
#define DIGITS 20      /* of the version of an object: 64 bits */
#define SECOND 20      /* bytes of a time up to and with the point */
#define PIECES 6
#define QUERY 1024     /* bytes of the query of a watch, without escapes; longer ones are handed out */
#define LONGEST (1 << 20) /* bytes of a line; longer ones are handed out, since the caller bounds records */
#define DEPTH 32       /* of brackets in a body; deeper ones are handed out */
#define TIMES 73       /* bytes of both times and what stands between them, without the last letter */

enum { HAS_VERSION = 1, HAS_REQUEST = 2, HAS_RESPONSE = 4, HAS_QUERY = 8 };

/* A line: constant pieces, and between them audit ID, query of a watch, version of the object, bodies, times. */
typedef struct {
    const uint8_t *line;
    size_t size, id, query, version, body, received; /* where they begin */
    size_t closed, behind, after;                    /* where URI, version and bodies end */
    struct { const uint8_t *at; size_t size; } pieces[PIECES];
    uint64_t secret, hash;
    uint32_t kind; /* what stands in it, a bit for each */
} cut;

typedef struct { int64_t at; uint8_t text[SECOND]; } second;

static const char PREFIX[] = "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"";
static const char *const LEVELS[] = {"Metadata", "Request", "RequestResponse"};
static const char AUDIT[] = "\",\"auditID\":\"";
static const char STAGE[] = "\",\"stage\":\"";
static const char *const STAGE_NAMES[] = {"ResponseComplete", "RequestReceived", "ResponseStarted"};
static const char URI[] = "\",\"requestURI\":\"";
static const char WATCH[] = "\",\"verb\":\"watch\",";
static const char AMPERSAND[] = "\\u0026"; /* as API servers write it */
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

/* Where the query of a URI ends, at a quote; 0 for one that is long, not plain ASCII, or has another escape than the one
   that separates parameters. What it says is copied to `into`, which has room for `QUERY` bytes. */
static size_t skip_query(const uint8_t *t, size_t at, size_t size, uint8_t *into, size_t *length) {
    for (*length = 0; at < size && t[at] != '"'; at++) {
        if (t[at] < 32 || t[at] > 126 || *length == QUERY) return 0;
        uint8_t letter = t[at];
        if (letter == '\\') {
            if (!begins(t, size, at, AMPERSAND, LENGTH(AMPERSAND))) return 0;
            at += LENGTH(AMPERSAND) - 1;
            letter = '&';
        }
        into[(*length)++] = letter;
    }
    return at < size ? at : 0;
}

/* Finds the query of a watch, which says for how long and from which version on: hardly two are alike. 0 when there is
   something else. */
static int find_query(cut *c, size_t uri) {
    if (!begins(c->line, c->size, c->closed, WATCH, LENGTH(WATCH))) return 1;
    const uint8_t *mark = memchr(c->line + uri, '?', c->closed - uri);
    if (mark == NULL) return 1;
    uint8_t text[QUERY];
    size_t length;
    c->kind |= HAS_QUERY;
    c->query = (size_t)(mark - c->line) + 1;
    return skip_query(c->line, c->query, c->size, text, &length) == c->closed;
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
    c->closed = (size_t)(close - c->line);
    if (!find_query(c, uri)) return 0;
    c->received = find(c, c->closed, c->size, RECEIVED, LENGTH(RECEIVED));
    if (!c->received || c->size - c->received <= TIMES) return 0;
    if (!begins(c->line, c->size, c->received + SECOND + 6, BETWEEN, LENGTH(BETWEEN))) return 0;
    if (c->line[LENGTH(PREFIX)] != 'M' && !find_bodies(c, c->closed)) return 0;
    size_t end = c->body ? c->body : c->received;
    c->version = find(c, c->closed, end, VERSION, LENGTH(VERSION));
    if (c->version) {
        c->kind |= HAS_VERSION;
        c->behind = skip_digits(c->line, c->version, end);
        if (!c->behind || c->behind - c->version > DIGITS || c->line[c->behind] != '"') return 0;
    }
    size_t own = c->version ? c->version : end;
    const size_t bounds[PIECES][2] = {
        {0, c->id},
        {c->id + AUDIT_ID, c->query ? c->query : own},
        {c->query ? c->closed : 0, c->query ? own : 0},
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

/* SipHash-1-3 of an audit ID and a time of receipt, or of a query and nothing. */
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

/* What a line of a known shape adds to the keys of its shape: the hash of its audit ID and receipt, and of its query. */
static int64_t own_mark(const uint64_t key[2], const cut *c) {
    int64_t mark = mark_of(key, c->line + c->id, AUDIT_ID, c->line + c->received, SECOND + 7);
    if (c->kind & HAS_QUERY) {
        uint8_t query[QUERY];
        size_t length;
        skip_query(c->line, c->query, c->size, query, &length);
        mark ^= mark_of(key, query, length, query, 0);
    }
    return mark;
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
