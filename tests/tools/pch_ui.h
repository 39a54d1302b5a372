// SPDX-License-Identifier: GPL-3.0-or-later
// Precompiled for the tests of the window.
#pragma once

#include "tests/tools/runner.h"

#include <QtWidgets/QtWidgets>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>
