// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/scratch_folder.h"

#include "core/base/error.h"
#include "core/base/fmt.h"

#include <cstdlib>
#include <system_error>

namespace pissarro::core::inline training {

ScratchFolder::ScratchFolder(const std::string& purpose)
{
    std::string name =
        (std::filesystem::temp_directory_path() / ("pissarro-" + purpose + "-XXXXXX"));
    if (::mkdtemp(name.data()) == nullptr) {
        throw Error(ErrorKind::Io,
                    fmt::format("{}: cannot be made (expected room and permission for a folder); "
                                "set TMPDIR to one",
                                name));
    }
    m_path = name;
}

ScratchFolder::~ScratchFolder()
{
    std::error_code ignored; // what stays lies below /tmp
    std::filesystem::remove_all(m_path, ignored);
}

} // namespace pissarro::core::inline training
