#define _GNU_SOURCE
#include "exchange_names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

int exchange_names(const char *path, const char *other) {
#ifdef __linux__
    if (renameat2(AT_FDCWD, path, AT_FDCWD, other, RENAME_EXCHANGE) == 0) return 0;
    return errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP ? ENOTSUP : errno;
#else
    if (renamex_np(path, other, RENAME_SWAP) == 0) return 0;
    return errno == EINVAL ? ENOTSUP : errno;
#endif
}
