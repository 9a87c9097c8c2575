"""`python -m bot ask`: one question, and many as JSON lines."""

from __future__ import annotations

import json
import subprocess
import sys

ASK = [sys.executable, "-m", "bot", "ask"]


def _lines(*questions: object) -> list[dict[str, object]]:
    source = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in questions)
    done = subprocess.run([*ASK, "--jsonl"], input=source, capture_output=True, text=True, timeout=60, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_one_question_is_answered_on_the_command_line():
    """A question in the arguments prints the answer and ends well."""
    done = subprocess.run([*ASK, "senior", "mle"], capture_output=True, text=True, timeout=60, check=True)
    assert "Optimizes throughput (batching, GPU scheduling)." in done.stdout


def test_lines_are_answered_in_order_with_their_ids():
    """Every line gets its answer, in the order of the questions, whatever its id looks like."""
    answers = _lines({"id": "b", "text": "help"}, {"id": 7, "text": "senior mle", "platform": "slash"})
    assert [answer["id"] for answer in answers] == ["b", 7]
    assert all(answer["reply_text"] for answer in answers)


def test_state_is_kept_per_user():
    """What one user said of themselves is known in their next line, and to nobody else."""
    answers = _lines(
        {"id": 1, "text": "I am a middle MLOps engineer", "user": "kim"},
        {"id": 2, "text": "what is in my profile?", "user": "kim"},
        {"id": 3, "text": "what is in my profile?", "user": "lee"},
    )
    assert "Role: MLOps Engineer" in str(answers[1]["reply_text"])
    assert "Role: MLOps Engineer" not in str(answers[2]["reply_text"])


def test_a_bad_line_is_named_and_the_next_is_answered():
    """A line that is no question gets an error that names it; the lines after it are answered."""
    answers = _lines("{broken", {"id": 2, "text": 5}, {"id": 3, "text": "help"})
    assert [answer["id"] for answer in answers] == [None, 2, 3]
    assert "line 1" in str(answers[0]["error"])
    assert "line 2" in str(answers[1]["error"])
    assert answers[2]["reply_text"]


def test_each_answer_is_written_before_the_next_question_is_read():
    """The other side may wait for each answer: lines are flushed one by one."""
    with subprocess.Popen([*ASK, "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(json.dumps({"id": number, "text": "hello"}) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait(10) == 0
