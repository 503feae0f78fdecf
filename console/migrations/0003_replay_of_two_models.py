from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("console", "0002_search")]
    operations = [
        migrations.AddField("replay", "baseline", models.CharField(blank=True, max_length=200)),
        migrations.AddField("replay", "summary", models.JSONField(default=dict)),
    ]
