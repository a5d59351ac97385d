#include "base/install.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Cuts the last component off; false if there is none. */
static bool to_parent(char *path)
{
    char *slash = strrchr(path, '/');

    if (slash == NULL || slash == path)
        return false;
    *slash = '\0';
    return true;
}

/* The folder above "bin" or "libexec/xunfang" of the running executable. Test programs lie
 * elsewhere in the build tree: for them the walk goes up to the first folder that holds
 * share/xunfang. */
static enum status find_prefix(char prefix[INSTALL_PATH_MAX], struct error *err)
{
    static const char data[] = "/share/xunfang";
    /* The file itself, wherever links to it lie; argv[0] would be what the caller says. */
    ssize_t size = readlink("/proc/self/exe", prefix, INSTALL_PATH_MAX - sizeof data);

    if (size <= 0 || size >= (ssize_t) (INSTALL_PATH_MAX - sizeof data))
        return error_set_errno(err, errno, "cannot tell where this program is installed");
    prefix[size] = '\0';
    while (to_parent(prefix)) {
        size_t length = strlen(prefix);
        bool found;

        memcpy(prefix + length, data, sizeof data);
        found = access(prefix, F_OK) == 0;
        prefix[length] = '\0';
        if (found)
            return STATUS_OK;
    }
    return error_set(err, STATUS_NOT_FOUND,
                     "share/xunfang is missing beside this program: install xunfang whole");
}

static enum status append_path(const char *folder, const char *name, struct buf *path,
                               struct error *err)
{
    char prefix[INSTALL_PATH_MAX];
    enum status status = find_prefix(prefix, err);

    if (status != STATUS_OK)
        return status;
    buf_printf(path, "%s/%s/xunfang/%s", prefix, folder, name);
    return buf_status(path, err);
}

enum status install_data_path(const char *name, struct buf *path, struct error *err)
{
    return append_path("share", name, path, err);
}

enum status install_program_path(const char *name, struct buf *path, struct error *err)
{
    return append_path("libexec", name, path, err);
}
