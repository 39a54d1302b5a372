# SPDX-License-Identifier: GPL-3.0-or-later
pissarro_test(NAME ui.line_plot SOURCE ui/plot/tst_line_plot.cpp LINK Pissarro::ui LABELS ui)
pissarro_test(NAME ui.reading SOURCE ui/plot/tst_reading.cpp LINK Pissarro::ui LABELS ui unit)
pissarro_test(NAME ui.peak_pyramid SOURCE ui/plot/tst_peak_pyramid.cpp LINK Pissarro::ui LABELS ui unit)
pissarro_test(NAME ui.run_curves SOURCE ui/views/tst_run_curves.cpp LINK Pissarro::ui LABELS ui)
pissarro_test(NAME ui.heat_map SOURCE ui/plot/tst_heat_map.cpp LINK Pissarro::ui LABELS ui)
pissarro_test(NAME ui.spectrum_page SOURCE ui/pages/spectrum/tst_spectrum_page.cpp LINK Pissarro::ui LABELS ui)
pissarro_test(NAME ui.spectrum_dialogs SOURCE ui/pages/spectrum/tst_spectrum_dialogs.cpp LINK Pissarro::ui LABELS ui)
pissarro_test(NAME ui.quant_error_meter SOURCE ui/pages/spectrum/tst_quant_error_meter.cpp LINK Pissarro::ui LABELS ui)
