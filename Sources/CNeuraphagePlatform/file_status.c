#define _GNU_SOURCE
#include "file_status.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#ifdef __linux__

#include <sys/sysmacros.h>

static int file_status(int directory, const char *path, int flags, struct file_status *status) {
    struct statx s;
    unsigned wanted = STATX_TYPE | STATX_MODE | STATX_NLINK | STATX_UID | STATX_GID | STATX_INO | STATX_SIZE;
    if (statx(directory, path, flags, wanted, &s) != 0) return errno;
    status->device = makedev(s.stx_dev_major, s.stx_dev_minor);
    status->inode = s.stx_ino;
    status->size = (int64_t)s.stx_size;
    status->links = s.stx_nlink;
    status->mode = s.stx_mode;
    status->owner = s.stx_uid;
    status->group = s.stx_gid;
    return 0;
}

int file_status_of_descriptor(int descriptor, struct file_status *status) {
    return file_status(descriptor, "", AT_EMPTY_PATH, status);
}

int file_status_of_path(const char *path, int follow, struct file_status *status) {
    return file_status(AT_FDCWD, path, follow ? 0 : AT_SYMLINK_NOFOLLOW, status);
}

#else

static int file_status(int result, const struct stat *s, struct file_status *status) {
    if (result != 0) return errno;
    status->device = (uint64_t)s->st_dev;
    status->inode = (uint64_t)s->st_ino;
    status->size = (int64_t)s->st_size;
    status->links = (uint64_t)s->st_nlink;
    status->mode = (uint32_t)s->st_mode;
    status->owner = (uint32_t)s->st_uid;
    status->group = (uint32_t)s->st_gid;
    return 0;
}

int file_status_of_descriptor(int descriptor, struct file_status *status) {
    struct stat s;
    return file_status(fstat(descriptor, &s), &s, status);
}

int file_status_of_path(const char *path, int follow, struct file_status *status) {
    struct stat s;
    return file_status(follow ? stat(path, &s) : lstat(path, &s), &s, status);
}

#endif
