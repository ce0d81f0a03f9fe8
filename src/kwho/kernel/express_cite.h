/* Citations as JSON. Included by express.c alone, behind express_line.h. */

#include <stdint.h>
#include <string.h>

/* What is known of the rows of a journal, and of the places in files where they stand, one place behind the other. */
typedef struct {
    const uint8_t (*ids)[UUID];               /* of each row: the audit ID */
    const int64_t *lines, *offsets;
    const uint32_t *ranks;                    /* the number of its stage, above two other bits */
    const uint32_t *begins;                   /* of each place: its first row */
    const int64_t *before;                    /* and the lines of the file before it */
    const char *const *files, *const *stages; /* texts as JSON, of each place and each stage */
    uint64_t places;
} sheet;

static uint8_t *put(uint8_t *to, const char *text) {
    size_t size = strlen(text);
    memcpy(to, text, size);
    return to + size;
}

static uint8_t *put_number(uint8_t *to, uint64_t number) {
    uint8_t digits[DIGITS], *at = digits + DIGITS;
    do *--at = (uint8_t)('0' + number % 10);
    while (number /= 10);
    memcpy(to, at, (size_t)(digits + DIGITS - at));
    return to + (digits + DIGITS - at);
}

static uint8_t *put_id(uint8_t *to, const uint8_t id[UUID]) {
    for (int i = 0; i < UUID; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *to++ = '-';
        *to++ = (uint8_t)"0123456789abcdef"[id[i] >> 4];
        *to++ = (uint8_t)"0123456789abcdef"[id[i] & 15];
    }
    return to;
}

/* Writes the citations of some rows; how many bytes that took. Each takes at most 160 beside its two texts. */
uint64_t express_cite(const sheet *s, const uint32_t *rows, uint64_t count, uint8_t *out) {
    uint8_t *to = put(out, "[");
    for (uint64_t i = 0; i < count; i++) {
        uint64_t low = 0, high = s->places, row = rows[i];
        while (high - low > 1) { /* the last place that begins at the row or before */
            uint64_t middle = (low + high) / 2;
            if (s->begins[middle] <= row) low = middle;
            else high = middle;
        }
        to = put_id(put(to, i ? ",{\"audit_id\":\"" : "{\"audit_id\":\""), s->ids[row]);
        to = put(put(to, "\",\"stage\":"), s->stages[s->ranks[row] >> 2]);
        to = put(put(to, ",\"file\":"), s->files[low]);
        to = put_number(put(to, ",\"line\":"), (uint64_t)(s->before[low] + s->lines[row]));
        to = put(put_number(put(to, ",\"offset\":"), (uint64_t)s->offsets[row]), ",\"index\":0}");
    }
    return (uint64_t)(put(to, "]") - out);
}
