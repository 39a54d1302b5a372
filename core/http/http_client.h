// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace pissarro::core::inline http {

// Where a server of another program answers.
struct HttpAddress {
    std::string host; // without brackets: "127.0.0.1", "localhost", "::1"
    int port = 80;
    std::string path; // what requests' paths begin with: "/v1"; no "/" at its end

    std::string text() const; // "http://127.0.0.1:8000/v1"
};

// "http://HOST[:PORT][/PATH]". Throws: Error{InvalidArgument} for anything else: https too, which this program does not speak.
HttpAddress parseHttpAddress(std::string_view url);
// Whether a host's name stands for this machine and no other: localhost, 127.x.y.z, ::1, brackets or not. A name that is
// looked up elsewhere is none.
bool isLoopback(std::string_view host);

struct HttpQuestion {
    std::string method = "GET"; // or POST
    std::string path = {}; // behind the address's: "/models"
    std::string body = {}; // JSON
    std::string key = {}; // sent as "Authorization: Bearer KEY"; empty: none
    int waitS = 600; // for the answer to begin
    std::size_t answerBytes = std::size_t {16} << 20U; // a longer one is refused
};

struct HttpAnswer {
    int status = 0;
    std::string body;
};

// Asks, and waits for the answer. Redirections are not followed: an address is the one that was named.
// Throws: Error{Io} naming the address where nobody answers, too late, or at too great length; Cancelled within milliseconds.
HttpAnswer askHttp(const HttpAddress& address, const HttpQuestion& question, const JobContext& job);

} // namespace pissarro::core::inline http
