// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of a form: alone, and in a QFormLayout, whose labels are a column.
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/widgets/form_field.h"
#include "ui/widgets/scroll_column.h"

#include <QDir>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QTest>
#include <QVBoxLayout>

#include <memory>
#include <utility>

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

    // A note of several lines comes: the fields keep their height, the note is whole, and the column scrolls where it must.
    void aNote_takesNothingFromTheFields_data()
    {
        QTest::addColumn<int>("percent");
        for (const int percent : {100, 200}) {
            QTest::addRow("%d %%", percent) << percent;
        }
    }
    void aNote_takesNothingFromTheFields()
    {
        QFETCH(int, percent);
        Theme::instance().setText(percent);
        auto* content = new QWidget;
        auto* column = new QVBoxLayout(content);
        QVector<FormField*> rows;
        QVector<QLineEdit*> edits;
        for (int i = 0; i < 8; ++i) {
            edits.append(new QLineEdit);
            rows.append(new FormField(QStringLiteral("Rank"), {edits.last()}));
            column->addWidget(rows.last());
        }
        const std::unique_ptr<QScrollArea> scroll(scrollColumn(content));
        scroll->resize(scaled(300), scaled(260)); // hardly the rows
        scroll->show();
        QVERIFY(QTest::qWaitForWindowExposed(scroll.get(), hangMs()));
        QVector<int> heights;
        for (const QLineEdit* edit : std::as_const(edits)) {
            heights.append(edit->height());
        }
        const QString note =
            QStringLiteral("as many words as a note of four lines has ").repeated(4);
        for (FormField* row : std::as_const(rows)) {
            row->setNote(note);
        }
        for (const FormField* row : std::as_const(rows)) {
            const QLabel* line = labelOf(*row, note.toUtf8().constData());
            QVERIFY(line != nullptr);
            QTRY_VERIFY(line->height() >= line->heightForWidth(line->width()));
        }
        for (qsizetype i = 0; i < edits.size(); ++i) {
            QCOMPARE(edits[i]->height(), heights[i]);
        }
        QTRY_VERIFY(scroll->verticalScrollBar()->maximum() > 0);
        rows.first()->setNote({});
        QTRY_VERIFY(rows.first()->height() < rows.last()->height()); // gives its room back
        Theme::instance().setText(100);
    }

    // A row is as high as what it says now, whatever it said before.
    void aNote_givesBackWhatItNeedsNoMore()
    {
        QWidget window;
        auto* column = new QVBoxLayout(&window);
        QFormLayout* form = FormField::newForm();
        column->addLayout(form);
        column->addStretch(1);
        QVector<FormField*> rows;
        for (const char* name : {"Rank", "Data"}) {
            rows.append(new FormField(QLatin1String(name), {new QLineEdit}));
            rows.last()->addTo(form);
        }
        window.resize(scaled(300), scaled(600));
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window, hangMs()));
        const QString few = QStringLiteral("9 rows");
        const QString many =
            QStringLiteral("as many words as a note of four lines has ").repeated(4);
        FormField* row = rows[0];
        rows[1]->setNote(few);
        row->setNote(many);
        QTRY_VERIFY(row->height() > 2 * rows[1]->height());
        row->setNote(few);
        QTRY_COMPARE(row->height(), rows[1]->height());
        row->setProblem(many);
        QTRY_VERIFY(row->height() > 2 * rows[1]->height());
        row->setProblem({}); // the note is there again
        QTRY_COMPARE(row->height(), rows[1]->height());
        row->setNote(many);
        QTRY_VERIFY(row->height() > 2 * rows[1]->height());
        const int narrow = row->height();
        window.resize(scaled(600), scaled(600));
        QTRY_VERIFY(row->height() < narrow);
        window.resize(scaled(300), scaled(600));
        QTRY_COMPARE(row->height(), narrow);
        row->setNote({});
        QTRY_VERIFY(row->height() < rows[1]->height());
    }

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

    // What a person types is taken where the field is left, but not by a form that goes.
    void aFieldThatGoes_takesNothing()
    {
        auto field = std::make_unique<PathField>(QStringLiteral("data"), QStringLiteral("Data"),
                                                 PathField::Kind::OpenFile, QString());
        QStringList taken;
        connect(field.get(), &PathField::pathEdited, this,
                [&taken](const QString& path) { taken.append(path); });
        field->resize(300, 40);
        field->show();
        QVERIFY(QTest::qWaitForWindowActive(field.get(), hangMs()));
        field->edit()->setFocus();
        QTest::keyClicks(field->edit(), QStringLiteral("/a"));
        QTest::keyClick(field->edit(), Qt::Key_Return);
        QCOMPARE(taken, QStringList {QStringLiteral("/a")});
        QTest::keyClicks(field->edit(), QStringLiteral("b"));
        QVERIFY(field->edit()->hasFocus());
        field.reset();
        QCOMPARE(taken.size(), 1);
    }

    // What wakes a button tells of each letter and leaves the text as it is typed; another field tells where it is left.
    void aPath_isToldWhileTyped_whereItWakesAButton()
    {
        for (const bool whileTyped : {true, false}) {
            PathField field(QStringLiteral("folder"), QStringLiteral("Folder"),
                            PathField::Kind::Folder, {});
            if (whileTyped) {
                field.setTellsWhileTyped();
            }
            QStringList told;
            connect(&field, &PathField::pathEdited, this,
                    [&told](const QString& path) { told.append(path); });
            QTest::keyClicks(field.edit(), QStringLiteral("~/ab "));
            QCOMPARE(told.size(), whileTyped ? 4 : 0); // a blank at its end is none of the path's
            if (whileTyped) {
                QCOMPARE(told.last(), QDir::homePath() + QStringLiteral("/ab"));
                QCOMPARE(field.path(), told.last());
                QCOMPARE(field.edit()->text(), QStringLiteral("~/ab "));
            }
            QTest::keyClick(field.edit(), Qt::Key_Return);
            QCOMPARE(told.size(), whileTyped ? 4 : 1); // not twice
            QCOMPARE(field.path(), QDir::homePath() + QStringLiteral("/ab"));
        }
    }
};

QTEST_MAIN(TestFormField)
#include "tst_form_field.moc"
