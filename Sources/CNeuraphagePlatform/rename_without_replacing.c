#define _GNU_SOURCE
#include "rename_without_replacing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/// For file systems that cannot do both in one step: somebody could take the name in between.
static int check_and_rename(const char *path, const char *new_path) {
    struct stat s;
    if (lstat(new_path, &s) == 0) return EEXIST;
    return rename(path, new_path) == 0 ? 0 : errno;
}

int rename_without_replacing(const char *path, const char *new_path) {
#ifdef __linux__
    if (renameat2(AT_FDCWD, path, AT_FDCWD, new_path, RENAME_NOREPLACE) == 0) return 0;
    int is_unsupported = errno == EINVAL || errno == ENOSYS;
#else
    if (renamex_np(path, new_path, RENAME_EXCL) == 0) return 0;
    int is_unsupported = errno == EINVAL || errno == ENOTSUP;
#endif
    return is_unsupported ? check_and_rename(path, new_path) : errno;
}
