// SPDX-License-Identifier: GPL-3.0-or-later
// Precompiled for the tests of what computes.
#pragma once

#include "tests/tools/runner.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>
