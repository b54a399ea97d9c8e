"""What users of the demo ask for, in their words, and why some of it fails."""

SUBJECTS = {  # by the photograph that shows them
    "astronaut": ("宇航员", "一寸证件照", "人像", "工作照", "她的头像", "妈妈的照片"),
    "chelsea": ("橘猫", "猫咪", "我家的猫", "宠物照", "猫的大头照"),
    "coffee": ("咖啡杯", "产品主图", "咖啡", "下午茶", "菜单图", "杯子"),
    "rocket": ("火箭发射", "发射塔", "夜景", "火箭", "海报底图"),
}
EDITS = (
    "把{subject}的背景换成白色",
    "{subject}变清晰一点,放大到2K",
    "去掉{subject}右下角的日期",
    "{subject}整体调亮一点,颜色自然一些",
    "{subject}抠图,要透明底",
    "修复{subject}上的折痕和发黄",
    "{subject}加一点暖色调",
    "把{subject}后面的路人P掉",
    "{subject}裁成3:4,主体居中",
    "{subject}修干净一点,别太假",
    "给{subject}换成蓝底,要打印",
    "{subject}反光去掉,颜色别变",
)
GENERATIONS = (
    "画一张{subject},水彩风格,留白多一点",
    "生成{subject}的电商海报,干净的浅灰背景",
    "{subject},胶片质感,傍晚侧光",
    "{subject}的卡通头像,线条简单",
    "一张{subject}的极简插画,做公众号封面",
    "{subject},微距摄影,背景虚化",
)
TEMPLATES = (
    "套用“节日海报”模板,主角是{subject}",
    "用“朋友圈九宫格”模板排{subject}",
    "{subject},套用“小红书封面”模板,标题留空",
    "按“商品详情页”模板出{subject}",
)
EXTRAS = ("", "", "", ",自然一点", ",别的不要动", ",今天要用", ",和上次一样的风格", ",细节多一些")
FAILURES = (
    "模型太忙",
    "模型超时没有回答",
    "模型拒绝处理这张图或要求(内容审核)",
    "模型没有出图",
    "图片损坏或没有传完整,请重新发一次原图",
    "模型把原图退回来了",
    "已叫停",
)
COMMENTS = (
    "颜色很自然",
    "比想象的好",
    "边缘有点糊",
    "速度快",
    "",
    "可以,直接用了",
    "背景再干净点就好了",
    "有点过了",
    "",
)
MODELS = ("gemini-3.1-flash-image", "gemini-3.1-flash-image", "doubao-seedream-5-0", "local-realesrgan-x4plus")
