#include "study/node.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { NODE_PATH_MAX = 4096 };

/* STATUS_NOT_FOUND: no such file. */
static enum status read_name(const char *path, char name[NODE_NAME_SIZE], struct error *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    char text[NODE_NAME_SIZE + 1] = "";
    ssize_t size;

    if (file < 0 && errno == ENOENT)
        return STATUS_NOT_FOUND;
    if (file < 0)
        return error_set_errno(err, errno, "cannot read %s", path);
    size = read(file, text, sizeof text);
    (void) close(file);
    if (size != NODE_NAME_SIZE || text[NODE_NAME_SIZE - 1] != '\n' ||
        strspn(text, "0123456789abcdef") != NODE_NAME_SIZE - 1)
        return error_set(err, STATUS_INVALID,
                         "%s: is no node name; remove it and a new one is drawn", path);
    text[NODE_NAME_SIZE - 1] = '\0';
    memcpy(name, text, NODE_NAME_SIZE);
    return STATUS_OK;
}

/* Written whole under another name first: whoever reads `path` reads a finished file, and of
 * several that draw at once the first to link wins. */
static enum status draw_name(const char *path, struct error *err)
{
    char draft[NODE_PATH_MAX + 32];
    uint32_t number;
    enum status status = STATUS_OK;
    int file;
    bool written;

    if (getrandom(&number, sizeof number, 0) != (ssize_t) sizeof number)
        return error_set(err, STATUS_INTERNAL, "no random numbers from the system");
    (void) snprintf(draft, sizeof draft, "%s.%ld", path, (long) getpid());
    file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return error_set_errno(err, errno, "cannot write %s", draft);
    written = dprintf(file, "%08" PRIx32 "\n", number) == NODE_NAME_SIZE;
    written = close(file) == 0 && written;
    /* link, unlike rename, never replaces: who comes second reads the first one's name. */
    if (written && link(draft, path) != 0)
        written = errno == EEXIST;
    if (!written)
        status = error_set_errno(err, errno, "cannot write %s", path);
    (void) unlink(draft);
    return status;
}

enum status node_name(const char *data, char name[NODE_NAME_SIZE], struct error *err)
{
    char path[NODE_PATH_MAX];
    enum status status;

    if (snprintf(path, sizeof path, "%s/node", data) >= (int) sizeof path)
        return error_set(err, STATUS_USAGE, "--data: a path of more than %d bytes", NODE_PATH_MAX);
    status = read_name(path, name, err);
    if (status != STATUS_NOT_FOUND)
        return status;
    status = draw_name(path, err);
    return status == STATUS_OK ? read_name(path, name, err) : status;
}
