/* Request keys of many events, compared. Included by express.c alone. */

#include <stdint.h>
#include <stdlib.h>

/* Tells where each of some keys stands among others that are all different: a number from 1 on, 0 for one that does not.

   0 when two of those are equal, or there is no room; 1 else. Keys are keyed hashes; their lowest bits may be alike. */
int express_among(const int64_t *keys, uint64_t size, const int64_t *asked, uint64_t count, uint32_t *places) {
    uint64_t room = 64;
    while (room < 2 * size) room *= 2;
    uint32_t *table = size < UINT32_MAX ? calloc(room, sizeof *table) : NULL; /* numbers of keys, by key */
    if (table == NULL) return 0;
    int apart = 1;
    for (uint64_t i = 0; i < size && apart; i++) {
        uint64_t at = (uint64_t)keys[i] >> 6 & (room - 1);
        for (; table[at] && keys[table[at] - 1] != keys[i]; at = (at + 1) & (room - 1)) {}
        apart = !table[at];
        table[at] = (uint32_t)i + 1;
    }
    for (uint64_t i = 0; i < count && apart; i++) {
        uint64_t at = (uint64_t)asked[i] >> 6 & (room - 1);
        for (; table[at] && keys[table[at] - 1] != asked[i]; at = (at + 1) & (room - 1)) {}
        places[i] = table[at];
    }
    free(table);
    return apart;
}
