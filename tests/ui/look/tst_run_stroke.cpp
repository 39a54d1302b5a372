// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/method.h"
#include "ui/look/run_stroke.h"
#include "ui/look/theme.h"
#include "ui/words/method_look.h"

#include <QTest>

#include <cmath>

using namespace pissarro;
using namespace pissarro::ui;

class TestRunStroke : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void runsOfAMethod_areToldApart_inBothThemes()
    {
        for (const ThemeMode mode : {ThemeMode::Light, ThemeMode::Dark}) {
            Theme::instance().setMode(mode);
            const QColor card = Theme::instance().colors().card;
            for (const core::Method method : core::allMethods()) {
                const QColor own = methodColor(method);
                QVector<RunStroke> strokes;
                for (int place = 0; place < kRunStrokes; ++place) {
                    const RunStroke stroke = runStroke(own, place);
                    QVERIFY(!strokes.contains(stroke));
                    strokes.append(stroke);
                    QVERIFY(distance(stroke.color, card) >= distance(own, card) - 1);
                }
                QVERIFY(strokes[0] == (RunStroke {own, {}}));
                QVERIFY(strokes[1].color == own && !strokes[1].dash.isEmpty());
                QVERIFY(runStroke(own, kRunStrokes) == strokes[0]);
                QVERIFY(runStroke(own, -1) == strokes[0]);
            }
        }
    }

private:
    static int distance(const QColor& a, const QColor& b) // of their greys
    {
        return std::abs(qGray(a.rgb()) - qGray(b.rgb()));
    }
};

QTEST_MAIN(TestRunStroke)
#include "tst_run_stroke.moc"
