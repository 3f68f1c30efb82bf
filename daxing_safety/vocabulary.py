"""The words of the field as enumerations: one Chinese term, one identifier.

The member's name is what files and tables store; its value is what people read.
Code compares members, never Chinese strings.
"""

from enum import Enum


class UnitKind(Enum):
    DEPARTMENT = "部门"
    STATIONED = "派驻机构"
    OVERSIGHT = "监督机关"
    BASE = "基地"
    TOWN = "镇"
    SUBDISTRICT = "街道"
    COORDINATING = "统筹机构"


class Group(Enum):
    """The groups within which units are compared and listed; never across."""

    DEPARTMENTS = "部门"
    BASES = "基地"
    TOWNS = "镇"
    SUBDISTRICTS = "街道"


GROUP_OF = {
    UnitKind.DEPARTMENT: Group.DEPARTMENTS,
    UnitKind.STATIONED: Group.DEPARTMENTS,
    UnitKind.OVERSIGHT: Group.DEPARTMENTS,
    UnitKind.COORDINATING: Group.DEPARTMENTS,
    UnitKind.BASE: Group.BASES,
    UnitKind.TOWN: Group.TOWNS,
    UnitKind.SUBDISTRICT: Group.SUBDISTRICTS,
}


class Duty(Enum):
    LEAD = "牵头"
    SUPPORT = "配合"
    LOCAL = "属地"


class RuleKind(Enum):
    """How a rule takes points off; the value is what data/criteria writes."""

    PER_FINDING = "per_finding"
    ONCE = "once"
    RATE = "rate"


class Comparison(Enum):
    """When a measured rate loses the points; the value is what data/criteria writes."""

    NOT_ABOVE = "not_above"
    BELOW = "below"


class Finding(Enum):
    """自查结论 on one rule."""

    COMPLIANT = "达标"
    HAS_PROBLEM = "存在问题"
    NOT_CHECKED = "未自查"
    NOT_APPLICABLE = "不涉及"


class ProgressStatus(Enum):
    NOT_STARTED = "未启动"
    IN_PROGRESS = "推进中"
    DONE = "已完成"
    NOT_OURS = "不属本单位职责"


class RectificationStatus(Enum):
    """整改状态: how far a problem has come; rectification.MOVES says what leads where."""

    UNASSIGNED = "待交办"  # registered, its unit not yet told what to do until when
    NOT_STARTED = "未整改"
    IN_PROGRESS = "整改中"
    CLAIMED_FIXED = "申请销号"
    CLOSED = "已销号"
    DISMISSED = "误报"
    MERGED = "已合并"


# Not closed, and counted as a loss.
OPEN_STATUSES = (
    RectificationStatus.UNASSIGNED,
    RectificationStatus.NOT_STARTED,
    RectificationStatus.IN_PROGRESS,
    RectificationStatus.CLAIMED_FIXED,
)
# Taken back by the office: there was no such problem, or another stands for it.
VOID_STATUSES = (RectificationStatus.DISMISSED, RectificationStatus.MERGED)


class Move(Enum):
    """办理动作: what may be done with a problem, and what its timeline tells of."""

    REGISTER = "登记"
    ASSIGN = "交办"
    REASSIGN = "改派"
    CORRECT = "更正"
    PLAN = "制定措施"
    START = "开始整改"
    CLAIM_FIXED = "申请销号"
    WITHDRAW_CLAIM = "撤回申请"
    REINSPECT = "复查"
    CLOSE = "销号"
    SEND_BACK = "退回"
    REOPEN = "重新挂账"
    EXTEND = "延期"
    ASK = "提出申请"
    REFUSE = "不同意申请"
    DISMISS = "认定误报"
    MERGE = "合并"
    RESTORE = "恢复"
    REPORT = "填报更新"  # a workbook of the unit changed it
    TAKE_BACK = "撤回填报"


class RequestKind(Enum):
    """申请: what a unit may ask the office for about a problem."""

    EXTENSION = "延期"
    MISREPORT = "误报认定"


class PhotoStage(Enum):
    """What a photo of a problem shows."""

    BEFORE = "整改前"
    AFTER = "整改后"


class Complexity(Enum):
    """接诉即办: how long an answer may take."""

    SIMPLE = "简单"
    COMPLEX = "复杂"


class ReportStatus(Enum):
    """How far a public report has come."""

    RECEIVED = "待派单"
    DISPATCHED = "待答复"
    ANSWERED = "待回访"
    RATED = "已办结"


class Satisfaction(Enum):
    SATISFIED = "满意"
    FAIRLY = "基本满意"
    DISSATISFIED = "不满意"


class Discovery(Enum):
    """发现方式: how a problem came to light."""

    SELF_CHECK = "自查"
    EXPERT = "专家抽查"
    INSPECTION = "督查检查"
    HOTLINE = "12345热线"
    PUBLIC_REPORT = "群众举报"
    CITY_REVIEW = "市级评审"


class Severity(Enum):
    GENERAL = "一般"
    MAJOR = "较大"
    LISTED = "重大挂牌"


class Light(Enum):
    """亮灯 of progress; the value is shown beside the colour, never the colour alone."""

    ON_TRACK = "正常"
    DUE_SOON = "临期"
    BEHIND = "滞后"
    OVERDUE = "逾期"
    NOT_DUE = "未到期"


class Role(Enum):
    OFFICE = "创安办"
    UNIT = "填报人"
    LEADER = "区领导"
    EXPERT = "专家"
    ADMIN = "系统管理员"
    AUDITOR = "审计员"


class RoundState(Enum):
    OPEN = "填报中"
    CLOSED = "已截止"
    FROZEN = "已封存"


class ReviewState(Enum):
    PENDING = "待审核"
    ACCEPTED = "已通过"
    RETURNED = "已退回"
    SUPERSEDED = "已被新版替代"
    TAKEN_BACK = "已撤回"


class Sheet(Enum):
    """The sheets of a workbook that a unit fills; the value is the sheet's name."""

    PROGRESS = "工作进展"
    SELF_ASSESSMENT = "自评打分"
    RECTIFICATION = "问题整改"


class Judgement(Enum):
    """What the office says of one reported row."""

    ACCEPTED = "认可"
    CORRECTED = "更正"  # the office holds something else; both stay visible
    RETURNED = "退回"


class EvidenceOf(Enum):
    """What a piece of evidence is attached to."""

    WORK_POINT = "工作要点"
    RULE = "扣分条款"
    PROBLEM = "问题"
    SIGNED_PAGE = "签字页"  # of a submission: its number is the code
    PEER_CHECK = "举一反三"  # of a check: its number is the code


class MeetingItemKind(Enum):
    """What is recorded on the spot in a 调度会."""

    PROMISE = "承诺"  # in the unit's own words
    DEADLINE = "时限"  # of a problem that is known
    PROBLEM = "问题"


class DrawnFrom(Enum):
    """What a 抽查 looks at again: things that a unit or the office says are in order."""

    SELF_COMPLIANT = "自查达标"  # a rule and a unit that says it keeps it
    CLAIMED_FIXED = "申请销号"
    CLOSED = "已销号"


class SpotVerdict(Enum):
    """结论: whether what was stated is so, as an expert found it."""

    TRUE = "属实"
    PARTLY = "部分属实"
    FALSE = "不属实"
    UNVERIFIABLE = "无法核实"


class SpotHandling(Enum):
    """处理: what the office makes of an expert's conclusion."""

    ADOPTED = "采纳"  # a problem is registered, or one goes back to its unit
    FILED = "阅存"


class ScopePolicy(Enum):
    """What becomes of the points of an indicator that does not apply to the district (不涉及)."""

    FULL = "计满分"
    RESCALE = "按比例折算"
