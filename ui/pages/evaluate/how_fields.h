// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/evaluation_spec.h"

#include <QWidget>

class QComboBox;
class QSettings;

namespace pissarro::ui {

class FormField;
class SegmentedControl;
class WholeEdit;
class RealEdit;

// How the models are asked, whichever the task.
class HowFields : public QWidget {
    Q_OBJECT

public:
    explicit HowFields(QWidget* parent = nullptr);

    void applyTo(core::EvaluationSpec& spec) const; // whose task is set
    QString problem() const; // of a field; empty: none
    void saveState(QSettings& session) const;
    void offerState(QSettings& session);

Q_SIGNALS:
    void changed();

private:
    void buildFields();
    void show();

    SegmentedControl* m_decoding;
    WholeEdit* m_samples;
    RealEdit* m_temperature;
    WholeEdit* m_seed;
    WholeEdit* m_rows;
    WholeEdit* m_tokens;
    QComboBox* m_rule;
    QComboBox* m_template;
    FormField* m_samplesRow = nullptr;
    FormField* m_temperatureRow = nullptr;
    FormField* m_seedRow = nullptr;
};

} // namespace pissarro::ui
