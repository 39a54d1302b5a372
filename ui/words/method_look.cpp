// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/method_look.h"

#include "ui/look/theme.h"
#include "ui/words/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace pissarro::ui {

namespace {

constexpr int kGrey = 6; // of Theme::methodCycle()

struct Look {
    std::string_view name; // of the method
    int place = kGrey; // in Theme::methodCycle()
    BestRate rate = BestRate::Unknown;
    const char* sentence = "";
};

constexpr std::array kLooks {
    Look {"pissa", 0, BestRate::AsPissa,
          QT_TRANSLATE_NOOP("pissarro::ui::MethodLook",
                            "The adapter begins as the principal part of each matrix, what is left "
                            "of the matrix stays frozen.")},
    Look {"lora", 1, BestRate::AsLora,
          QT_TRANSLATE_NOOP("pissarro::ui::MethodLook",
                            "The adapter begins at nothing, beside the frozen model.")},
    Look {"olora", 5, BestRate::Unknown,
          QT_TRANSLATE_NOOP("pissarro::ui::MethodLook",
                            "The adapter begins as the leading part of each matrix's QR "
                            "decomposition, what is left of the matrix stays frozen.")},
    Look {"qpissa", 2, BestRate::AsPissa,
          QT_TRANSLATE_NOOP("pissarro::ui::MethodLook",
                            "PiSSA with what is left of each matrix in four bits.")},
    Look {"qlora", 3, BestRate::AsLora,
          QT_TRANSLATE_NOOP("pissarro::ui::MethodLook", "LoRA beside the model in four bits.")},
    Look {"loftq", 4, BestRate::AsLora,
          QT_TRANSLATE_NOOP("pissarro::ui::MethodLook",
                            "The model in four bits; the adapter begins as the best correction of "
                            "what that took away.")},
    Look {
        "full", kGrey, BestRate::Unknown,
        QT_TRANSLATE_NOOP("pissarro::ui::MethodLook", "Every weight trains, there is no adapter.")},
};

const Look& lookOf(core::Method method)
{
    static constexpr Look kPlain; // a method without a row
    const auto* found = std::find_if(kLooks.begin(), kLooks.end(),
                                     [&](const Look& look) { return look.name == method->name; });
    return found == kLooks.end() ? kPlain : *found;
}

} // namespace

QColor methodColor(core::Method method)
{
    return Theme::instance().methodCycle(lookOf(method).place);
}

QString methodSentence(core::Method method)
{
    return QCoreApplication::translate("pissarro::ui::MethodLook", lookOf(method).sentence);
}

BestRate bestRateOf(core::Method method)
{
    return lookOf(method).rate;
}

QString nameOf(core::Method method)
{
    return fromView(method->name);
}

QString titleOf(core::Method method)
{
    return fromView(method->title);
}

QString listOf(const std::vector<core::Method>& methods)
{
    QString text;
    for (std::size_t i = 0; i < methods.size(); ++i) {
        const QString title = titleOf(methods[i]);
        const bool isLast = i + 1 == methods.size();
        text = i == 0 ? title
            : isLast
            ? QCoreApplication::translate("pissarro::ui::MethodLook", "%1 and %2", "methods")
                  .arg(text, title)
            : QCoreApplication::translate("pissarro::ui::MethodLook", "%1, %2", "methods")
                  .arg(text, title);
    }
    return text;
}

} // namespace pissarro::ui
