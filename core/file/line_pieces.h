// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace pissarro::core::inline file {

// The lines of a text that comes in pieces, of which one may end within a line.
class LinePieces {
public:
    // Calls take(line), a const std::string& without its end, for each line that ends in this piece.
    template <class Take>
    void add(std::string_view piece, const Take& take)
    {
        for (std::size_t end = piece.find('\n'); end != std::string_view::npos;
             end = piece.find('\n')) {
            m_line.append(piece.substr(0, end));
            take(m_line);
            m_line.clear();
            piece.remove_prefix(end + 1);
        }
        m_line.append(piece);
    }
    const std::string& rest() const { return m_line; } // of a line that has not ended yet

private:
    std::string m_line;
};

} // namespace pissarro::core::inline file
