// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/path_kind.h"
#include "ui/services/state.h"

#include <QByteArray>
#include <QList>
#include <QString>
#include <QVariant>
#include <QVector>
#include <QWidget>

#include <functional>
#include <utility>
#include <vector>

class QAction;
class QSettings;

namespace pissarro::ui {

struct Services;

// A line above the pages that is no failure; its button does `act` and ends it.
struct Notice {
    QString headline;
    QString text;
    QString action; // of the button; empty: none
    std::function<void()> act;
};

// What a page can do with the run that has just ended: the button's words, and what the page is given by take() then.
struct NextStep {
    QString text;
    QString toolTip;
    QVariant with;
    QString page = {}; // its id; filled in by the window
};

// What stands in place of a page whose needs are not met, above a button that opens a model.
struct Invitation {
    QString headline;
    QString sentence;
};

// What the window may ask of any page, and what any page may ask of the window. A page is a folder below ui/pages and a
// line in ui/pages/pages.cpp; nothing else names it.
//
// Its actions() are its menu, in their order, separators included (addPageAction()). Their keys work while the page is in
// sight, wherever in the window the focus is: two pages may use one key.
class Page : public QWidget {
    Q_OBJECT

public:
    using QWidget::QWidget;

    virtual Invitation invitation() const { return {}; } // of a page that needs something
    // Whether this is where one looks at what was opened: the first page that takes it is shown.
    virtual bool takes(PathKind /*kind*/) const { return false; }
    virtual void take(const QVariant& /*with*/) { } // what another page sends here by go()
    // What of the page outlives the window. The settings are in a group that all pages share: keys begin with the page's
    // id ("form" of the Train page is older than this rule). Splitters with a name are kept by the window.
    virtual void saveState(QSettings& /*session*/) const { }
    // The program starts without being told what to open: the page may take up what it kept, or offer it by noticed().
    virtual void offerState(QSettings& /*session*/) { }
    // With the run of Services::training, which has come to its end; asked of every page.
    virtual QVector<NextStep> nextSteps() const { return {}; }
    virtual void showNextSteps(const QVector<NextStep>& /*steps*/) {
    } // the answer to nextStepsWanted()

    // Hidden pages do nothing: `show` is done now where the page is in sight, else once, when it comes into sight. `what`
    // names it: a later one of that name takes the place of one that waits. For what is seen only; what a page decides
    // with (whether a run can start) it keeps in mind while it is hidden too.
    void whenInSight(const char* what, std::function<void()> show);

Q_SIGNALS:
    // Shows the page of that id and gives it `with`, where there is any: go("train", a core::RunSpec).
    void go(const QString& page, const QVariant& with);
    void openRequested(const QString& path); // a model, data or a run; empty: a person chooses
    void failed(const pissarro::ui::Failed& failure); // told above the pages
    void noticed(const pissarro::ui::Notice& notice);
    void nextStepsWanted(); // of all pages, in their order
    void stateToKeep(); // saveState() would save something else now
    void noticeOver(const QString& headline); // what it says is true no more

protected:
    void showEvent(QShowEvent* event) override;

private:
    std::vector<std::pair<QByteArray, std::function<void()>>>
        m_waiting; // in the order of the wishes
};

// What has to be there before a page has anything to show; until then its invitation() stands there.
enum class Needs {
    Nothing,
    Model, // an open one that has matrices
    ModelOrRun, // an open model, or a run in progress or ended
};

// All that the pages can do next, in their order, each with its page's id.
QVector<NextStep> nextStepsOf(const QVector<Page*>& pages, const QStringList& ids);

// A line of the list that the window is made with: the rail, the menus, Ctrl+1 and so on, --page and the pictures of
// --screenshots follow its order.
struct PageEntry {
    const char*
        id; // "quantize": of the session, --page, go(); its icon, resources/icons/quantize.svg; its objectName
    const char* title; // "&Quantize", to be translated as MainWindow's
    Needs needs;
    Page* (*make)(Services& services, QWidget* parent);
    bool takesPaths =
        false; // --page of it may name any number of paths; take() is given them as a QStringList
};

} // namespace pissarro::ui
