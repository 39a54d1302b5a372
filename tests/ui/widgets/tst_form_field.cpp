// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of a form: alone, and in a QFormLayout, whose labels are a column.
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/widgets/form_field.h"

#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

QLabel* labelOf(const QWidget& form, const char* text)
{
    for (QLabel* label : form.findChildren<QLabel*>()) {
        if (label->text() == QLatin1String(text)) {
            return label;
        }
    }
    return nullptr;
}

} // namespace

class TestFormField : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        Theme::instance().setMode(ThemeMode::Light);
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void rowsOfAForm_areAColumnOfLabels_andWhatIsHiddenTakesNoRoom()
    {
        QWidget window;
        QFormLayout* form = FormField::newForm();
        window.setLayout(form);
        QVector<FormField*> rows;
        QVector<QLineEdit*> edits;
        for (const char* name : {"Rank", "Learning rate", "Length"}) {
            edits.append(new QLineEdit);
            rows.append(new FormField(QLatin1String(name), {edits.last()}));
            rows.last()->addTo(form);
        }
        window.resize(320, 300);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window, hangMs()));
        const auto at = [&window](const QWidget* widget) {
            return widget->mapTo(&window, QPoint());
        };
        const QLabel* first = labelOf(window, "Rank");
        const QLabel* second = labelOf(window, "Learning rate");
        const QLabel* third = labelOf(window, "Length");
        QVERIFY(first && second && third);
        QCOMPARE(at(first).x(), at(third).x());
        QCOMPARE(at(edits[0]).x(), at(edits[2]).x());
        QCOMPARE(at(second).y(), at(rows[1]).y()); // a label stands at the top of its row
        QCOMPARE(second->buddy(), edits[1]);
        const int distance = at(third).y() - at(second).y();
        rows[1]->setRowVisible(false);
        QTRY_COMPARE(at(third).y() - at(first).y(), distance);
        QVERIFY(second->isHidden() && rows[1]->isHidden());
        rows[1]->setRowVisible(true);
        QTRY_COMPARE(at(third).y() - at(first).y(), 2 * distance);
        QVERIFY(second->isVisible() && rows[1]->isVisible());
        rows[1]->setEnabled(false);
        QVERIFY(!second->isEnabled() && first->isEnabled());
    }

    void aRowAlone_hasItsLabelInItself()
    {
        auto* edit = new QLineEdit;
        FormField row(QStringLiteral("State"), {edit});
        row.resize(300, 40);
        row.show();
        QVERIFY(QTest::qWaitForWindowExposed(&row, hangMs()));
        const QLabel* label = labelOf(row, "State");
        QVERIFY(label && label->isVisible());
        QVERIFY(label->x() < edit->mapTo(&row, QPoint()).x());
        row.setRowVisible(false);
        QVERIFY(row.isHidden());
    }
};

QTEST_MAIN(TestFormField)
#include "tst_form_field.moc"
