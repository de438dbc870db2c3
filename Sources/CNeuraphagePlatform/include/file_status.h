// The identity and size of a file, without its timestamps.
//
// On Linux, asking for a file's timestamps (as fstat does) makes the next write to it slower, because the kernel then
// has to take a finer-grained time for it. statx lets one leave them out, but Swift's Glibc module does not import it.
#ifndef NEURAPHAGE_FILE_STATUS_H
#define NEURAPHAGE_FILE_STATUS_H

#include <stdint.h>

struct file_status {
    uint64_t device;
    uint64_t inode;
    int64_t size;
    uint64_t links;
    uint32_t mode;
    uint32_t owner;
    uint32_t group;
};

/// Fills in `status` for an open file. Returns 0, or the error number.
int file_status_of_descriptor(int descriptor, struct file_status *status);

/// Fills in `status` for what stands at `path`, a symbolic link itself if `follow` is 0. Returns 0, or the error number.
int file_status_of_path(const char *path, int follow, struct file_status *status);

#endif
