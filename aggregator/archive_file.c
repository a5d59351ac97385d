#include "aggregator/archive_file.h"

#include "base/util/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

/* Level 3 is zstd's own default. */
enum { HEAD_SIZE = 16, PATH_SIZE_MAX = 8192, LEVEL = 3, READ_BYTES = 256 * 1024 };

/* ---- numbers ---- */

static void put_number(unsigned char *at, uint64_t number, int size)
{
    for (int i = 0; i < size; i++)
        at[i] = (unsigned char) (number >> (8 * i));
}

static uint64_t take_number(const unsigned char *at, int size)
{
    uint64_t number = 0;

    for (int i = 0; i < size; i++)
        number |= (uint64_t) at[i] << (8 * i);
    return number;
}

/* ---- writing ---- */

struct archive_writer {
    FILE *file;
    ZSTD_CCtx *zstd;
    struct hash *hash;
    char *out;
    size_t out_size;
    struct archive_digest digest;
    char path[PATH_SIZE_MAX];
};

void archive_writer_abort(struct archive_writer *writer)
{
    unsigned char unused[SHA256_SIZE];

    if (writer == NULL)
        return;
    if (writer->file != NULL)
        (void) fclose(writer->file);
    if (writer->hash != NULL)
        hash_finish_sha256(writer->hash, unused);
    ZSTD_freeCCtx(writer->zstd);
    free(writer->out);
    free(writer);
}

static enum status open_new(struct archive_writer *writer, const char *path, struct error *err)
{
    int fd;

    if (strlen(path) >= sizeof writer->path)
        return error_set(err, STATUS_USAGE, "the archive's path is too long");
    memcpy(writer->path, path, strlen(path) + 1);
    /* Neither an older file nor the target of somebody's link is ever written over. */
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return error_set_errno(err, errno, "cannot create %s", path);
    writer->file = fdopen(fd, "wb");
    if (writer->file != NULL)
        return STATUS_OK;
    close(fd);
    return error_set(err, STATUS_NOMEM, "no memory to write %s", path);
}

enum status archive_writer_open(const char *path, struct archive_writer **result, struct error *err)
{
    struct archive_writer *writer = calloc(1, sizeof *writer);
    enum status status;

    if (writer == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to write %s", path);
    writer->hash = hash_create();
    writer->zstd = ZSTD_createCCtx();
    writer->out_size = ZSTD_CStreamOutSize();
    writer->out = malloc(writer->out_size);
    status = writer->zstd == NULL || writer->out == NULL
                 ? error_set(err, STATUS_NOMEM, "no memory to write %s", path)
                 : open_new(writer, path, err);
    if (status != STATUS_OK) {
        archive_writer_abort(writer);
        return status;
    }
    (void) ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_compressionLevel, LEVEL);
    /* The stream's own checksum finds damage also for someone who has only zstd(1) and one file. */
    (void) ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_checksumFlag, 1);
    *result = writer;
    return STATUS_OK;
}

/* The digest is of the compressed bytes, as they lie on the disk: it can be checked with sha256sum,
 * without decompressing. */
static enum status write_out(struct archive_writer *writer, size_t size, struct error *err)
{
    if (fwrite(writer->out, 1, size, writer->file) != size)
        return error_set_errno(err, errno, "cannot write %s", writer->path);
    hash_bytes(writer->hash, slice_of(writer->out, size));
    writer->digest.bytes += size;
    return STATUS_OK;
}

/* All of `bytes` into the stream; with ZSTD_e_end the stream ends. zstd may take all input and
 * write nothing yet; only at the end it must be asked until nothing is left inside. */
static enum status compress(struct archive_writer *writer, struct slice bytes,
                            ZSTD_EndDirective how, struct error *err)
{
    ZSTD_inBuffer in = {bytes.data, bytes.size, 0};
    size_t left;

    do {
        ZSTD_outBuffer out = {writer->out, writer->out_size, 0};
        enum status status;

        left = ZSTD_compressStream2(writer->zstd, &out, &in, how);
        if (ZSTD_isError(left))
            return error_set(err, STATUS_INTERNAL, "%s: %s", writer->path, ZSTD_getErrorName(left));
        status = write_out(writer, out.pos, err);
        if (status != STATUS_OK)
            return status;
    } while (how == ZSTD_e_end ? left > 0 : in.pos < in.size);
    return STATUS_OK;
}

enum status archive_writer_put(struct archive_writer *writer, const struct bus_record *record,
                               struct error *err)
{
    unsigned char head[HEAD_SIZE];
    enum status status;

    if (record->key.size + record->value.size > BUS_RECORD_MAX)
        return error_set(err, STATUS_TOO_LARGE, "a record of %zu bytes: %d are allowed",
                         record->key.size + record->value.size, BUS_RECORD_MAX);
    put_number(head, record->key.size, 4);
    put_number(head + 4, record->value.size, 4);
    put_number(head + 8, record->offset, 8);
    status = compress(writer, slice_of(head, sizeof head), ZSTD_e_continue, err);
    if (status == STATUS_OK)
        status = compress(writer, record->key, ZSTD_e_continue, err);
    if (status == STATUS_OK)
        status = compress(writer, record->value, ZSTD_e_continue, err);
    writer->digest.records += status == STATUS_OK;
    return status;
}

static enum status sync_file(struct archive_writer *writer, struct error *err)
{
    FILE *file = writer->file;

    /* EINVAL and ENOTSUP: the file system knows no fsync, which is no failure to write. */
    if (fflush(file) != 0 || (fsync(fileno(file)) != 0 && errno != EINVAL && errno != ENOTSUP))
        return error_set_errno(err, errno, "cannot write %s", writer->path);
    writer->file = NULL;
    if (fclose(file) != 0)
        return error_set_errno(err, errno, "cannot write %s", writer->path);
    return STATUS_OK;
}

enum status archive_writer_close(struct archive_writer *writer, struct archive_digest *digest,
                                 struct error *err)
{
    enum status status = compress(writer, SLICE(""), ZSTD_e_end, err);

    if (status == STATUS_OK)
        status = sync_file(writer, err);
    if (status == STATUS_OK) {
        *digest = writer->digest;
        hash_finish_sha256(writer->hash, digest->sha256);
        writer->hash = NULL;
    }
    archive_writer_abort(writer);
    return status;
}

/* ---- the digest ---- */

static enum status open_file(const char *path, FILE **file, struct error *err)
{
    *file = fopen(path, "rbe");
    if (*file != NULL)
        return STATUS_OK;
    if (errno == ENOENT)
        return error_set(err, STATUS_NOT_FOUND, "%s is missing", path);
    return error_set_errno(err, errno, "cannot read %s", path);
}

enum status archive_file_digest(const char *path, struct archive_digest *digest, struct error *err)
{
    struct archive_digest found = {0};
    struct hash *hash;
    char *bytes;
    FILE *file;
    size_t size;
    enum status status = open_file(path, &file, err);

    if (status != STATUS_OK)
        return status;
    hash = hash_create();
    bytes = malloc(READ_BYTES);
    while (bytes != NULL && (size = fread(bytes, 1, READ_BYTES, file)) > 0) {
        hash_bytes(hash, slice_of(bytes, size));
        found.bytes += size;
    }
    hash_finish_sha256(hash, found.sha256);
    if (bytes == NULL)
        status = error_set(err, STATUS_NOMEM, "no memory to read %s", path);
    else if (ferror(file))
        status = error_set(err, STATUS_IO, "cannot read %s", path);
    else
        *digest = found;
    free(bytes);
    (void) fclose(file);
    return status;
}

/* ---- reading ---- */

struct archive_reader {
    FILE *file;
    ZSTD_DCtx *zstd;
    char *in;
    size_t in_size;
    ZSTD_inBuffer input;
    bool in_frame; /* the stream is not at its end */
    struct buf record;
    char path[PATH_SIZE_MAX];
};

void archive_reader_close(struct archive_reader *reader)
{
    if (reader == NULL)
        return;
    if (reader->file != NULL)
        (void) fclose(reader->file);
    ZSTD_freeDCtx(reader->zstd);
    buf_fini(&reader->record);
    free(reader->in);
    free(reader);
}

enum status archive_reader_open(const char *path, struct archive_reader **result, struct error *err)
{
    struct archive_reader *reader = calloc(1, sizeof *reader);
    enum status status;

    if (reader == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to read %s", path);
    (void) snprintf(reader->path, sizeof reader->path, "%s", path);
    buf_init(&reader->record, BUS_RECORD_MAX);
    reader->zstd = ZSTD_createDCtx();
    reader->in_size = ZSTD_DStreamInSize();
    reader->in = malloc(reader->in_size);
    reader->in_frame = true;
    status = reader->zstd == NULL || reader->in == NULL
                 ? error_set(err, STATUS_NOMEM, "no memory to read %s", path)
                 : open_file(path, &reader->file, err);
    if (status != STATUS_OK) {
        archive_reader_close(reader);
        return status;
    }
    *result = reader;
    return STATUS_OK;
}

static enum status damaged(const struct archive_reader *reader, const char *how, struct error *err)
{
    return error_set(err, STATUS_CORRUPT, "%s is damaged: %s", reader->path, how);
}

static enum status refill(struct archive_reader *reader, struct error *err)
{
    size_t size = fread(reader->in, 1, reader->in_size, reader->file);

    reader->input = (ZSTD_inBuffer){reader->in, size, 0};
    if (size == 0 && ferror(reader->file))
        return error_set(err, STATUS_IO, "cannot read %s", reader->path);
    return STATUS_OK;
}

/* Up to `size` bytes; fewer only at the end of the stream. */
static enum status decompress(struct archive_reader *reader, void *bytes, size_t size, size_t *got,
                              struct error *err)
{
    ZSTD_outBuffer out = {bytes, size, 0};
    enum status status = STATUS_OK;

    while (status == STATUS_OK && out.pos < size && reader->in_frame) {
        size_t before = out.pos, left;

        if (reader->input.pos == reader->input.size)
            status = refill(reader, err);
        if (status != STATUS_OK)
            break;
        left = ZSTD_decompressStream(reader->zstd, &out, &reader->input);
        if (ZSTD_isError(left))
            return damaged(reader, ZSTD_getErrorName(left), err);
        /* 0 says that the frame is complete and its checksum was right. Nothing new from no input,
         * though the frame is not complete, can only be a file that ends too early. */
        reader->in_frame = left > 0;
        if (reader->in_frame && reader->input.size == 0 && out.pos == before)
            return damaged(reader, "it is cut off", err);
    }
    *got = out.pos;
    return status;
}

static enum status read_body(struct archive_reader *reader, size_t size, struct error *err)
{
    size_t got = 0;
    char *room;
    enum status status;

    buf_reset(&reader->record);
    room = buf_reserve(&reader->record, size);
    if (room == NULL)
        return buf_status(&reader->record, err);
    status = decompress(reader, room, size, &got, err);
    if (status == STATUS_OK && got < size)
        status = damaged(reader, "its last record is cut off", err);
    buf_added(&reader->record, size);
    return status;
}

enum status archive_reader_next(struct archive_reader *reader, struct bus_record *record,
                                bool *more, struct error *err)
{
    unsigned char head[HEAD_SIZE];
    uint64_t key, value;
    size_t got = 0;
    enum status status = decompress(reader, head, sizeof head, &got, err);

    if (status != STATUS_OK)
        return status;
    /* An end between two records is the end; an end within a head is damage. */
    *more = got > 0;
    if (got == 0)
        return STATUS_OK;
    if (got < sizeof head)
        return damaged(reader, "its last record is cut off", err);
    key = take_number(head, 4);
    value = take_number(head + 4, 4);
    /* Before memory is asked for: the sizes come from a file that anybody may have written. */
    if (key + value > BUS_RECORD_MAX)
        return damaged(reader, "a record is too large", err);
    status = read_body(reader, key + value, err);
    if (status != STATUS_OK)
        return status;
    record->offset = take_number(head + 8, 8);
    record->key = slice_sub(buf_slice(&reader->record), 0, key);
    record->value = slice_sub(buf_slice(&reader->record), key, value);
    return STATUS_OK;
}
