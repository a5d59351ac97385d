/*
 * install: where this installation's programs and data are, found from the running executable.
 *
 * Layout  PREFIX/bin/xunfang, PREFIX/libexec/xunfang/xunfang-…, PREFIX/share/xunfang/{regions,
 *         platforms,codebooks,jobs}. The build tree has the same shape, so nothing is configured
 *         and an installation may be moved.
 */
#ifndef XUNFANG_BASE_INSTALL_H
#define XUNFANG_BASE_INSTALL_H

#include "base/util/buf.h"

enum { INSTALL_PATH_MAX = 4096 };

/* Appends PREFIX/share/xunfang/NAME to `path`. */
CHECKED enum status install_data_path(const char *name, struct buf *path, struct error *err);
/* Appends PREFIX/libexec/xunfang/NAME. */
CHECKED enum status install_program_path(const char *name, struct buf *path, struct error *err);

#endif
