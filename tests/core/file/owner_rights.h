// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace pissarro::test {

// While one lives, this thread and those it starts read and write only what a file's mode lets its owner do, by root too.
class OwnerRights {
public:
    OwnerRights()
    {
        ::syscall(SYS_capget, &m_header, m_before.data());
        std::array<__user_cap_data_struct, 2> held = m_before;
        held[0].effective &= ~(bit(CAP_DAC_OVERRIDE) | bit(CAP_DAC_READ_SEARCH));
        ::syscall(SYS_capset, &m_header, held.data());
    }
    ~OwnerRights() { ::syscall(SYS_capset, &m_header, m_before.data()); }
    OwnerRights(const OwnerRights&) = delete;
    OwnerRights& operator=(const OwnerRights&) = delete;

private:
    static constexpr __u32 bit(int capability) { return __u32 {1} << capability; }

    __user_cap_header_struct m_header {_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> m_before {};
};

} // namespace pissarro::test
