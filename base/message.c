#include "base/message.h"

#include <string.h>

/* Bytes a message may unfold to for each byte it was packed in, and in any case: far above what
 * honest messages need, so a few hostile bytes (a list of empty messages) cannot fill the
 * memory. */
enum { UNFOLD_FACTOR = 16, UNFOLD_MIN = 64 * 1024 };

struct budget {
    struct arena *arena;
    size_t left;
    bool no_memory;
};

static void *allocate(void *self, size_t size)
{
    struct budget *budget = self;
    void *room;

    if (size > budget->left)
        return NULL;
    budget->left -= size;
    room = arena_alloc(budget->arena, size == 0 ? 1 : size);
    if (room == NULL)
        budget->no_memory = true;
    return room;
}

/* The arena frees everything at once; protobuf-c calls this only when it gives up half-way. */
static void deallocate(void *self, void *object)
{
    (void) self;
    (void) object;
}

void *message_unpack(const ProtobufCMessageDescriptor *type, struct slice bytes,
                     struct arena *arena, struct error *err)
{
    struct budget budget = {arena, bytes.size * UNFOLD_FACTOR + UNFOLD_MIN, false};
    ProtobufCAllocator allocator = {allocate, deallocate, &budget};
    void *message = protobuf_c_message_unpack(type, &allocator, bytes.size,
                                              (const uint8_t *) (bytes.data ? bytes.data : ""));

    if (message != NULL)
        return message;
    if (budget.no_memory)
        error_set(err, STATUS_NOMEM, "no memory to read a %s of %zu bytes", type->short_name,
                  bytes.size);
    else
        error_set(err, STATUS_INVALID, "%zu bytes are no %s", bytes.size, type->short_name);
    return NULL;
}

void message_pack(const ProtobufCMessage *message, struct buf *out)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    char *room = buf_reserve(out, size);

    if (room != NULL)
        buf_added(out, protobuf_c_message_pack(message, (uint8_t *) room));
}

struct slice message_pack_arena(const ProtobufCMessage *message, struct arena *arena)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    char *room = arena_alloc(arena, size + 1);

    if (room == NULL)
        return slice_of(NULL, 0);
    return slice_of(room, protobuf_c_message_pack(message, (uint8_t *) room));
}

struct slice message_slice(ProtobufCBinaryData bytes)
{
    return slice_of(bytes.data, bytes.len);
}

ProtobufCBinaryData message_bytes(struct slice bytes)
{
    /* protobuf-c has no const in its structs; packing only reads. */
    union {
        const char *in;
        uint8_t *out;
    } pointer = {.in = bytes.data};

    return (ProtobufCBinaryData){bytes.size, pointer.out};
}

char *message_text(struct arena *arena, struct slice text)
{
    char *copy = arena_alloc(arena, text.size + 1);
    size_t size = 0;

    if (copy == NULL)
        return NULL;
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] != '\0')
            copy[size++] = text.data[i];
    copy[size] = '\0';
    return copy;
}
