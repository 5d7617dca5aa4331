from tui.widgets.brief import joined


def test_chinese_lines_of_a_paragraph_are_joined() -> None:
    assert joined("为小幅图样\n预测标签。\n用数据训练") == "为小幅图样预测标签。用数据训练"


def test_english_lines_headings_lists_tables_and_code_stay() -> None:
    text = "# 标题\n正文\n\nPredict the\nlabel.\n\n- 一\n- 二\n\n| 甲 |\n|---|\n| 乙 |\n"
    text += "\n```\n代码\n代码\n```\n"
    assert joined(text) == text


def test_a_line_that_begins_or_ends_in_latin_letters_keeps_its_break() -> None:
    assert joined("保存为 `mymodel.h5`\n放在旁边\nthen") == "保存为 `mymodel.h5`\n放在旁边\nthen"
