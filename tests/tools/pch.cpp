// SPDX-License-Identifier: GPL-3.0-or-later
// Builds the precompiled header that every test of a kind shares.
