# SPDX-License-Identifier: GPL-3.0-or-later
# The frame: jobs, widgets, shell, Model page.
foreach(unit jobs/job_bridge widgets/format widgets/number_edit widgets/widgets widgets/widget_export shell/theme shell/guarded_application shell/change_stack shell/largest_batch shell/main_window pages/model/model_page)
  get_filename_component(name ${unit} NAME)
  get_filename_component(folder ${unit} DIRECTORY)
  pissarro_test(NAME ui.${name} SOURCE ui/${folder}/tst_${name}.cpp LINK Pissarro::ui LABELS ui unit)
endforeach()
pissarro_test(NAME ui.closing SOURCE ui/shell/tst_closing.cpp LINK Pissarro::ui LABELS ui)
pissarro_test(NAME ui.run_words SOURCE ui/shell/tst_run_words.cpp LINK Pissarro::ui LABELS ui unit)
