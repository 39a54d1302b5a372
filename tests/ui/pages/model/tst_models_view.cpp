// SPDX-License-Identifier: GPL-3.0-or-later
// «Models at hand» on the Model page: list, search, filters, what is told of one, and the way there and back.
#include "tests/core/catalog/model_stores.h"
#include "tests/ui/pages/page_bench.h"
#include "ui/pages/model/chosen_model_card.h"
#include "ui/pages/model/filter_chips.h"
#include "ui/pages/model/model_page.h"
#include "ui/pages/model/models_tree.h"
#include "ui/pages/model/models_view.h"
#include "ui/services/recent.h"
#include "ui/words/format.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QAction>
#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QSettings>
#include <QSignalSpy>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;
namespace fs = std::filesystem;

class TestModelsView : public tests::PageBench<ModelPage> {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests("tst_models_view"); }
    void init();
    void cleanup() { endTest(); }

    void list_isByPlace();
    void list_keepsTheRulesOfItemModels();
    void search_andChips_narrow();
    void keys_searchAndOpen();
    void whatCannotBeOpened_saysWhy();
    void orders_areFlat();
    void theChosen_staysChosen();
    void actions_workOnTheChosen();
    void nothing_saysWhereItLooked();
    void page_leadsThereAndBack();
    void pictures_areLightAndDark();

private:
    fs::path path(const char* name) const
    {
        return fs::path(m_folder->path().toStdString()) / name;
    }
    void show()
    {
        openPage({1280, 800});
        m_page->showModelsAtHand();
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->modelsAtHand.wasWhole(), hangMs());
        QTRY_COMPARE_WITH_TIMEOUT(model()->allCount(),
                                  static_cast<qsizetype>(m_bench->modelsAtHand.models().size()),
                                  hangMs());
    }
    ModelsView* view() const { return child<ModelsView>("model.models"); }
    ModelsModel* model() const { return view()->model(); }
    ModelsTree* tree() const { return view()->tree(); }
    QLineEdit* search() const { return child<QLineEdit>("model.models.search"); }
    void choose(const char* modelPath)
    {
        tree()->choose(model()->indexOf(textOf(path(modelPath)), {}));
        QVERIFY(tree()->currentModel() != nullptr);
        QCOMPARE(textOf(tree()->currentModel()->path), textOf(path(modelPath)));
    }
    void act(const char* name) const
    {
        for (QAction* action : view()->actions()) {
            if (action->objectName() == QLatin1String(name)) {
                QVERIFY2(action->isEnabled(), name);
                action->trigger();
                return;
            }
        }
        QFAIL(name);
    }
};

void TestModelsView::init()
{
    beginFolder();
    QSettings().clear();
    for (const char* name : {"HF_HOME", "HUGGINGFACE_HUB_CACHE", "OLLAMA_MODELS"}) {
        qunsetenv(name);
    }
    qputenv("HOME", QByteArray::fromStdString(path("home").string()));
    qputenv("XDG_CACHE_HOME", QByteArray::fromStdString(path("cache").string()));
    qputenv("HF_HUB_CACHE", QByteArray::fromStdString(path("hub").string()));
    tests::writeTinyModel(path("models/tiny"));
    fs::create_directories(path("hub"));
    test::writeHubRepository(path("hub"), "models--org--one", path("models/tiny"));
    test::writeHubRepository(path("hub"), "models--org--two", path("models/tiny"));
    fs::create_directories(path("home/.lmstudio/models/maker/Strange-GGUF"));
    test::writeBytes(path("home/.lmstudio/models/maker/Strange-GGUF/x.gguf"), test::strangeGguf());
    QSettings().setValue(QStringLiteral("models/folders"), QStringList {textOf(path("models"))});
}

void TestModelsView::list_isByPlace()
{
    show();
    QCOMPARE(model()->shownCount(), qsizetype {4});
    QCOMPARE(model()->rowCount(), 3);
    QStringList titles;
    for (int group = 0; group < model()->rowCount(); ++group) {
        titles.append(model()->index(group, 0).data().toString());
        QVERIFY(tree()->isExpanded(model()->index(group, 0)));
    }
    QCOMPARE(titles,
             (QStringList {QStringLiteral("Hugging Face cache"), QStringLiteral("LM Studio"),
                           QStringLiteral("Folder")}));
    QVERIFY(model()
                ->index(0, 0)
                .data(ModelsModel::VersionRole)
                .toString()
                .startsWith(QStringLiteral("2 models · ")));
    const QModelIndex group = model()->index(0, 0);
    const auto cell = [&](int column) { return model()->index(0, column, group); };
    QCOMPARE(cell(ModelsModel::Name).data().toString(), QStringLiteral("one"));
    QCOMPARE(cell(ModelsModel::Name).data(ModelsModel::AuthorRole).toString(),
             QStringLiteral("org/"));
    QCOMPARE(cell(ModelsModel::Name).data(Qt::AccessibleTextRole).toString(),
             QStringLiteral("org/one"));
    QCOMPARE(cell(ModelsModel::Architecture).data().toString(), QStringLiteral("LLaMA"));
    QCOMPARE(cell(ModelsModel::Type).data().toString(), QStringLiteral("f32"));
    const core::ListedModel& one = *model()->modelAt(cell(0));
    QCOMPARE(cell(ModelsModel::Training).data().toString(), formatBytes(one.need.adapter.total()));
    QVERIFY(cell(ModelsModel::Training)
                .data(Qt::ToolTipRole)
                .toString()
                .contains(QStringLiteral("optimizer")));
    QVERIFY(!cell(ModelsModel::Changed).data().toString().isEmpty());
    for (int column = 0; column < ModelsModel::kColumns; ++column) {
        QVERIFY(!model()->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString().isEmpty());
    }
}

void TestModelsView::list_keepsTheRulesOfItemModels()
{
    show();
    ModelsModel rows;
    QAbstractItemModelTester tester(&rows, QAbstractItemModelTester::FailureReportingMode::QtTest);
    rows.setModels(m_bench->modelsAtHand.models(), m_bench->modelsAtHand.memoryBytes());
    ModelsFilter filter;
    filter.words = QStringLiteral("org/two");
    rows.setFilter(filter);
    QCOMPARE(rows.shownCount(), qsizetype {1});
    rows.setOrder(ModelsOrder::Disk);
    rows.setFilter({});
    QCOMPARE(rows.rowCount(rows.index(0, 0)), 4);
    rows.setModels({}, 0);
    QVERIFY(!rows.firstModel().isValid() && rows.rowCount() == 1);
    QCOMPARE(rows.columnCount(), int {ModelsModel::kColumns});
}

void TestModelsView::search_andChips_narrow()
{
    show();
    search()->setText(QStringLiteral("MODELS--org f32"));
    QCOMPARE(model()->shownCount(), qsizetype {2});
    QTest::keyClick(search(), Qt::Key_Escape);
    QVERIFY(search()->text().isEmpty());
    QCOMPARE(model()->shownCount(), qsizetype {4});
    QCoreApplication::sendPostedEvents(nullptr,
                                       QEvent::DeferredDelete); // chips that were not asked for
    auto* blocks = child<QAbstractButton>("model.models.chips.storage 3");
    auto* strange = child<QAbstractButton>("model.models.chips.architecture phi9");
    auto* llama = child<QAbstractButton>("model.models.chips.architecture LLaMA");
    auto* fits = child<QAbstractButton>("model.models.chips.fits");
    QCOMPARE(llama->accessibleDescription(), QStringLiteral("3"));
    QCOMPARE(blocks->accessibleDescription(), QStringLiteral("1"));
    QTest::mouseClick(blocks, Qt::LeftButton);
    QCOMPARE(model()->shownCount(), qsizetype {1});
    QTest::mouseClick(llama, Qt::LeftButton); // of another group: both hold, so none
    QCOMPARE(model()->shownCount(), qsizetype {0});
    QVERIFY(child<QLabel>("model.models.none")->isVisible());
    QTest::mouseClick(strange, Qt::LeftButton); // of the same group: either holds
    QCOMPARE(model()->shownCount(), qsizetype {1});
    QTest::mouseClick(blocks, Qt::LeftButton);
    QCOMPARE(model()->shownCount(), qsizetype {4});
    QTest::mouseClick(fits, Qt::LeftButton);
    QCOMPARE(model()->shownCount(), qsizetype {3}); // nobody trains what is not known
    QVERIFY(child<FilterChips>("model.models.chips")->heightForWidth(200)
            > child<FilterChips>("model.models.chips")->heightForWidth(2000));
}

void TestModelsView::keys_searchAndOpen()
{
    show();
    QSignalSpy asked(m_page.get(), &Page::openRequested);
    tree()->setFocus();
    QTest::keyClicks(tree(), QStringLiteral("org/two"));
    QCOMPARE(search()->text(), QStringLiteral("org/two"));
    QCOMPARE(model()->shownCount(), qsizetype {1});
    QTest::keyClick(search(), Qt::Key_Return);
    QCOMPARE(asked.size(), 1);
    QCOMPARE(asked[0][0].toString(), textOf(tree()->currentModel()->path));
    QVERIFY(asked[0][0].toString().contains(QStringLiteral("models--org--two")));
    search()->clear();
    QTest::keyClick(search(), Qt::Key_Down);
    choose("models/tiny");
    Q_EMIT tree()->activated(tree()->currentIndex());
    child<QAbstractButton>("model.models.open")->click();
    QCOMPARE(asked.size(), 3);
    QCOMPARE(asked[2][0].toString(), textOf(path("models/tiny")));
}

void TestModelsView::whatCannotBeOpened_saysWhy()
{
    show();
    QSignalSpy asked(m_page.get(), &Page::openRequested);
    QSignalSpy failures(m_page.get(), &Page::failed);
    choose("home/.lmstudio/models/maker/Strange-GGUF/x.gguf");
    auto* problem = child<QLabel>("model.models.problem");
    QVERIFY(problem->isVisible() && problem->text().contains(QStringLiteral("'phi9'")));
    QVERIFY(!child<QAbstractButton>("model.models.open")->isEnabled());
    const QModelIndex row = tree()->currentIndex();
    QVERIFY(row.siblingAtColumn(ModelsModel::Training)
                .data()
                .toString()
                .contains(QStringLiteral("not supported")));
    Q_EMIT tree()->activated(row);
    QVERIFY(asked.isEmpty());
    QCOMPARE(failures.size(), 1);
    QVERIFY(failures[0][0].value<Failed>().why.contains(QStringLiteral("'phi9'")));
}

void TestModelsView::orders_areFlat()
{
    show();
    auto* order = child<QComboBox>("model.models.order");
    for (int place = 1; place < order->count(); ++place) {
        order->setCurrentIndex(place);
        QVERIFY(model()->isFlat());
        QCOMPARE(model()->rowCount(), 1);
        QCOMPARE(model()->rowCount(tree()->rootIndex()), 4);
    }
    order->setCurrentIndex(static_cast<int>(ModelsOrder::Disk));
    const auto bytesAt = [this](int row) {
        return model()->modelAt(model()->index(row, 0, tree()->rootIndex()))->diskBytes;
    };
    for (int row = 1; row < 4; ++row) {
        QVERIFY(bytesAt(row - 1) >= bytesAt(row));
    }
    Q_EMIT tree()->header()->sectionClicked(ModelsModel::Name);
    QCOMPARE(order->currentIndex(), static_cast<int>(ModelsOrder::Name));
    order->setCurrentIndex(static_cast<int>(ModelsOrder::Place));
    QVERIFY(!tree()->rootIndex().isValid() && model()->rowCount() == 3);
}

void TestModelsView::theChosen_staysChosen()
{
    show();
    choose("models/tiny");
    tree()->collapse(model()->index(0, 0));
    tests::writeTinyModel(path("models/another"));
    act("model.models.again");
    QTRY_COMPARE_WITH_TIMEOUT(model()->allCount(), qsizetype {5}, hangMs());
    QCOMPARE(textOf(tree()->currentModel()->path), textOf(path("models/tiny")));
    QVERIFY(!tree()->isExpanded(model()->index(0, 0))); // as a person left it
    QVERIFY(tree()->isExpanded(model()->index(1, 0)));
}

void TestModelsView::actions_workOnTheChosen()
{
    show();
    choose("models/tiny");
    act("model.models.copy");
    QCOMPARE(QGuiApplication::clipboard()->text(), textOf(path("models/tiny")));
    act("model.models.forget"); // its folder was added by hand
    QTRY_COMPARE_WITH_TIMEOUT(model()->allCount(), qsizetype {3}, hangMs());
    QVERIFY(m_bench->modelsAtHand.folders().isEmpty() && fs::exists(path("models/tiny")));
    m_bench->recent.addModel(textOf(path("models/tiny")));
    act("model.models.again");
    QTRY_COMPARE_WITH_TIMEOUT(model()->allCount(), qsizetype {4}, hangMs());
    choose("models/tiny");
    QVERIFY(tree()->currentModel()->place.kind == core::PlaceKind::Opened);
    act("model.models.forget");
    QTRY_COMPARE_WITH_TIMEOUT(model()->allCount(), qsizetype {3}, hangMs());
    QVERIFY(m_bench->recent.models().isEmpty());
    for (QAction* action : view()->actions()) {
        QVERIFY2(!action->shortcut().isEmpty(), qPrintable(action->objectName()));
    }
}

void TestModelsView::nothing_saysWhereItLooked()
{
    QSettings().clear();
    fs::remove_all(path("hub"));
    fs::remove_all(path("home"));
    show();
    QCOMPARE(model()->allCount(), qsizetype {0});
    QVERIFY(child<QAbstractButton>("model.models.empty.button")->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(
        child<QLabel>("model.models.notes")->text().contains(textOf(path("hub"))), hangMs());
    QVERIFY(!child<QAbstractButton>("model.models.open")->isEnabled());
}

void TestModelsView::page_leadsThereAndBack()
{
    openPage({1280, 800});
    QVERIFY(child<QWidget>("model.empty")->isVisible()); // nobody opened a model before
    child<QAbstractButton>("model.empty.models")->click();
    QVERIFY(view()->isVisible());
    QVERIFY(!child<QAbstractButton>("model.models.back")->isVisible());
    child<QAbstractButton>("model.models.first")->click();
    QVERIFY(child<QWidget>("model.empty")->isVisible());
    m_bench->model.open(textOf(path("models/tiny")));
    QTRY_VERIFY_WITH_TIMEOUT(m_bench->model.files() != nullptr, hangMs());
    QVERIFY(!view()->isVisible());
    for (QAction* action : view()->actions()) {
        QVERIFY(!action->isEnabled()); // out of sight: no keys
    }
    child<QAbstractButton>("model.all")->click();
    QVERIFY(view()->isVisible());
    child<QAbstractButton>("model.models.back")->click();
    QVERIFY(!view()->isVisible());
    m_bench->recent.addModel(textOf(path("models/tiny")));
    openPage({1280, 800}); // of the next session
    QVERIFY(view()->isVisible());
}

void TestModelsView::pictures_areLightAndDark()
{
    show();
    const QImage light = view()->grab().toImage();
    Theme::instance().setMode(ThemeMode::Dark);
    const QImage dark = view()->grab().toImage();
    Theme::instance().setMode(ThemeMode::Light);
    QVERIFY(light.size() == dark.size() && light != dark);
    const QPoint corner(3, light.height() / 2);
    QVERIFY(light.pixelColor(corner).lightness() > dark.pixelColor(corner).lightness());
    QVERIFY(view()->minimumSizeHint().width() <= 1100 - 84);
}

QTEST_MAIN(TestModelsView)
#include "tst_models_view.moc"
