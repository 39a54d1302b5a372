// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/tools/demo_model.h"
#include "tests/tools/patience.h"
#include "ui/look/theme.h"
#include "ui/pages/spectrum/spectrum_page.h"
#include "ui/plot/heat_map.h"
#include "ui/plot/line_plot.h"
#include "ui/services/services.h"

#include <QAction>
#include <QLabel>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

#include <algorithm>
#include <memory>

namespace pissarro::tests {

const int kPatienceMs = hangMs();

// The Spectrum page with the real SmolLM2: 30 layers of 7 matrices. One page for the tests of a file.
class SpectrumPageBench : public QObject {
protected:
    void beginTests()
    {
        if (demoModel().isEmpty()) {
            QSKIP("SmolLM2 is not there: run ./dev setup");
        }
        ui::Theme::instance().setMode(ui::ThemeMode::Light);
        m_services = std::make_unique<ui::Services>();
        m_page = std::make_unique<ui::SpectrumPage>(*m_services);
        m_page->resize(1328, 796);
        QSignalSpy opened(&m_services->model, &ui::Model::opened);
        m_services->model.open(demoModel());
        QVERIFY(opened.wait(kPatienceMs));
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get(), hangMs()));
        QTRY_COMPARE_WITH_TIMEOUT(ready(), 576 + 192 + 576,
                                  kPatienceMs); // the selected ones come first
    }

    void beginTest()
    {
        QTest::failOnWarning(QRegularExpression(
            QStringLiteral("^(?!This plugin does not support propagateSizeHints)")));
        m_services->ranks.setRank(16);
        find<ui::LinePlot>("spectrum.sigma")->resetView();
    }

    template <class Widget>
    Widget* find(const char* name) const
    {
        auto* widget = m_page->findChild<Widget*>(QLatin1String(name));
        Q_ASSERT(widget);
        return widget;
    }
    QString text(const char* name) const { return find<QLabel>(name)->text(); }
    void trigger(const char* name) const { find<QAction>(name)->trigger(); }
    bool shows(const QString& words) const
    {
        const auto labels = m_page->findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
            return label->isVisible() && label->text().contains(words);
        });
    }
    void pick(ui::HeatCell cell, Qt::KeyboardModifiers modifiers = {})
    {
        QTest::mouseClick(find<ui::HeatMap>("spectrum.map"), Qt::LeftButton, modifiers,
                          find<ui::HeatMap>("spectrum.map")->cellRect(cell).center().toPoint());
    }
    int ready() const { return find<ui::LinePlot>("spectrum.sigma")->pointCount(); }

    std::unique_ptr<ui::Services> m_services;
    std::unique_ptr<ui::SpectrumPage> m_page;
};

} // namespace pissarro::tests
