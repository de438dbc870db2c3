#include "copies_on_write.h"

#if defined(__APPLE__)

#include <string.h>
#include <sys/mount.h>

int copies_on_write(const char *path) {
    struct statfs status;
    // APFS writes over a file in place, as long as it has no clone.
    return statfs(path, &status) == 0 && strcmp(status.f_fstypename, "zfs") == 0;
}

#else

#include <sys/vfs.h>

int copies_on_write(const char *path) {
    struct statfs status;
    if (statfs(path, &status) != 0) return 0;
    switch ((unsigned long)status.f_type & 0xffffffffUL) {
    case 0x9123683eUL: // btrfs
    case 0x2fc12fc1UL: // ZFS
    case 0xca451a4eUL: // bcachefs
    case 0x3434UL:     // NILFS
        return 1;
    default:
        return 0;
    }
}

#endif
