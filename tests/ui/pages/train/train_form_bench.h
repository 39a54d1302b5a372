// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the training form share.
#pragma once

#include "core/dataset/dataset.h"
#include "core/model/model_files.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/train/train_form.h"

#include <QDir>
#include <QLabel>
#include <QTest>

#include <algorithm>
#include <memory>

namespace pissarro::tests {

const QString kTinyModel = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");

template <class Widget>
Widget* child(const QWidget& parent, const char* name)
{
    auto* found = parent.findChild<Widget*>(QLatin1String(name));
    Q_ASSERT_X(found != nullptr, "child", name);
    return found;
}

inline bool says(const QWidget& form, const QString& part)
{
    const QList<QLabel*> labels = form.findChildren<QLabel*>();
    return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
        return !label->isHidden() && label->text().contains(part);
    });
}

inline core::DatasetSummary someRows()
{
    core::DatasetSummary summary;
    summary.rows = 100;
    summary.usable = 98;
    summary.truncated = 4;
    summary.tokens = 9800;
    summary.longest = 128;
    return summary;
}

// The tests of a form begin alike: with the tiny model, which a form may be given, and light.
class TrainFormBench : public QObject {
protected:
    void beginTests()
    {
        WarningTrap::install();
        ui::Theme::instance().setMode(ui::ThemeMode::Light);
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
        m_model = core::ModelFiles::open(kTinyModel.toStdString());
    }
    void endTest() { QCOMPARE(WarningTrap::take(), QStringList()); }

    std::shared_ptr<const core::ModelFiles> m_model;
};

} // namespace pissarro::tests
