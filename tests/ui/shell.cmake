# SPDX-License-Identifier: GPL-3.0-or-later
# The frame, and the Model page.
foreach(unit look/metrics look/run_stroke look/theme words/format jobs/job_board jobs/job_bridge jobs/job_pool widgets/accessible widgets/chip_edit widgets/number_edit widgets/widgets widgets/widget_export services/caches services/change_stack services/chat services/comparison services/conversation_shelf services/data services/evaluations services/exports services/largest_batch services/machine services/measurements services/model services/models_at_hand services/overlay services/rank_choice services/run_library services/run_series services/settings services/spectra services/start_environment services/sweep_draft services/sweep_queue services/training views/memory_bar shell/demo_walk shell/guarded_application shell/help_dialog shell/keyboard shell/main_window shell/main_window_failures shell/main_window_jobs shell/pages shell/settings_dialog pages/model/first_screen pages/model/model_page pages/model/models_view)
  get_filename_component(name ${unit} NAME)
  get_filename_component(folder ${unit} DIRECTORY)
  pissarro_test(NAME ui.${name} SOURCE ui/${folder}/tst_${name}.cpp LINK Pissarro::ui LABELS ui unit)
endforeach()
foreach(unit words/field_look widgets/form_field services/service views/detail_card)
  get_filename_component(name ${unit} NAME)
  get_filename_component(folder ${unit} DIRECTORY)
  pissarro_test(NAME ui.${name} SOURCE ui/${folder}/tst_${name}.cpp LINK Pissarro::ui LABELS ui unit)
endforeach()
pissarro_test(NAME ui.guide SOURCE ui/shell/tst_guide.cpp LINK Pissarro::ui LABELS ui)
pissarro_test(NAME ui.closing SOURCE ui/shell/tst_closing.cpp LINK Pissarro::ui LABELS ui)
pissarro_test(NAME ui.language SOURCE ui/words/tst_language.cpp LINK Pissarro::ui LABELS ui unit)
pissarro_test(NAME ui.run_words SOURCE ui/words/tst_run_words.cpp LINK Pissarro::ui LABELS ui unit)
# A model is asked here and by pissarro-cli.
target_sources(tests_ui_services PRIVATE cli/cli_process.cpp cli/tiny_model.cpp)
add_dependencies(tests_ui_services pissarro-cli)
