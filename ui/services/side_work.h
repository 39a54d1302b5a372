// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/service.h"

#include <utility>

namespace pissarro::ui {

// Work beside a service's own, with a state of its own.
class SideWork : public Service {
    Q_OBJECT

public:
    using Service::goWith;
    using Service::Service;
    void set(State state) { setState(std::move(state)); }
};

} // namespace pissarro::ui
