// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/fmt.h"
#include "core/prompt/value_p.h"

namespace pissarro::core::inline prompt::jinja {

// One level deeper for as long as it lives: the stack of a hostile template ends before the machine's does.
class Nesting {
public:
    explicit Nesting(int& depth)
        : m_depth(depth)
    {
        if (m_depth >= kDepthLimit) {
            fail(fmt::format("the template is nested deeper than {} levels", kDepthLimit));
        }
        ++m_depth;
    }
    ~Nesting() { --m_depth; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

private:
    int& m_depth;
};

} // namespace pissarro::core::inline prompt::jinja
