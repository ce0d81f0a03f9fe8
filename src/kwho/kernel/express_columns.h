/* Columns that grow: of keys and numbers, and of what is remembered of single requests. Included by express.c alone. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct { int64_t *keys; uint32_t *numbers; uint32_t size, room; int keyed; } column;

typedef struct {
    int64_t *times, *keys, *offsets, *lines;
    uint32_t *shapes, size, room;
    uint8_t (*ids)[UUID];
} log;

typedef struct { int64_t time, key, offset, line; uint32_t shape; uint8_t id[UUID]; } entry;

static int widen(void **at, size_t room, size_t each) {
    void *wider = room < UINT32_MAX ? realloc(*at, room * each) : NULL;
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

static void clear(column *c) { free(c->keys), free(c->numbers); }

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

/* Puts down a request, for which room was made. */
static void enter(log *l, const entry *found) {
    l->times[l->size] = found->time, l->keys[l->size] = found->key, l->shapes[l->size] = found->shape;
    l->offsets[l->size] = found->offset, l->lines[l->size] = found->line;
    memcpy(l->ids[l->size++], found->id, UUID);
}

static void wipe(log *l) {
    free(l->times), free(l->keys), free(l->offsets), free(l->lines), free(l->shapes), free(l->ids);
}
